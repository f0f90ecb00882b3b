"""The mail about an ended run goes out once, also when the worker died right after the run's end."""

from __future__ import annotations

from datetime import datetime, timedelta

from django_scopes import scope

from integrations import mail
from integrations.models import OPEN_STATUSES, SentMail, SyncRun

GRACE = timedelta(minutes=1)
TOLD_WITHIN = timedelta(days=1)


def tell(run: SyncRun) -> None:
    mail.send_sync_finished(run)
    SyncRun.objects.filter(pk=run.pk).update(is_told=True)


def tell_forgotten(moment: datetime) -> None:
    """For the tick: runs that ended untold, and mails written but never handed over."""
    ended = (moment - TOLD_WITHIN, moment - GRACE)
    runs = SyncRun.objects.filter(is_told=False, finished_at__range=ended)
    for run in runs.exclude(status__in=OPEN_STATUSES).select_related("account"):
        with scope(account=run.account):
            tell(run)
    for letter in SentMail.objects.filter(attempts=0, created_at__range=ended):
        mail.deliver(letter)
