"""The end of a run is told once, by mail and to webhooks, also when the worker died right after it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django_scopes import scope

from integrations import mail
from integrations.models import OPEN_STATUSES, SentMail, Status, SyncRun
from webhooks.models import EventType
from webhooks.services import emit

GRACE = timedelta(minutes=1)
TOLD_WITHIN = timedelta(days=1)
#: Every other end is one that went well.
BAD_ENDS = {
    Status.HELD: EventType.RUN_HELD,
    Status.FAILED: EventType.RUN_FAILED,
    Status.CANCELLED: EventType.RUN_CANCELLED,
}


def tell(run: SyncRun) -> None:
    mail.send_sync_finished(run)
    with transaction.atomic():
        is_news = SyncRun.objects.filter(pk=run.pk, is_told=False).update(is_told=True)
        if is_news and not run.is_preview:
            type = BAD_ENDS.get(Status(run.status), EventType.RUN_FINISHED)
            emit(account=run.account, type=type, body=_told(run))


def _told(run: SyncRun) -> dict[str, Any]:
    log = reverse("integrations:run", args=[run.connection.provider, run.pk])
    return {
        "run": run.pk,
        "provider": run.connection.provider,
        "trigger": run.trigger,
        "status": run.status,
        "error_code": run.error_code,
        "hold_reason": run.hold_reason,
        "warnings": run.warnings,
        "counts": run.counts,
        "finished_at": run.finished_at.isoformat() if run.finished_at else None,
        "link": f"{settings.PORTAL_URL}{log}",
    }


def tell_forgotten(moment: datetime) -> None:
    """For the tick: runs that ended untold, and mails written but never handed over."""
    ended = (moment - TOLD_WITHIN, moment - GRACE)
    runs = SyncRun.objects.filter(is_told=False, finished_at__range=ended)
    for run in runs.exclude(status__in=OPEN_STATUSES).select_related("account"):
        with scope(account=run.account):
            tell(run)
    for letter in SentMail.objects.filter(attempts=0, created_at__range=ended):
        mail.deliver(letter)
