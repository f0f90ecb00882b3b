"""A preview is a sync without its last step; applying one is a sync that has to come to the same plan."""

from __future__ import annotations

from django.db import transaction
from django.db.models import QuerySet

from accounts import audit
from accounts.models import User
from integrations.models import Connection, Status, SyncRun, Trigger
from integrations.services.runs import Opened, open_run


class NothingToApply(Exception):
    """It is not a preview that is ready, or it was carried out already."""


@transaction.atomic
def start_preview(*, connection: Connection, user: User | None) -> Opened:
    opened = open_run(
        connection=connection, trigger=Trigger.MANUAL, requested_by=user, is_preview=True
    )
    if opened.is_new:
        audit.record(
            account=connection.account,
            user=user,
            kind="PREVIEW_STARTED",
            subject=f"{connection.provider}, sync {opened.run.pk}",
        )
    return opened


@transaction.atomic
def apply_preview(*, preview: SyncRun, user: User | None) -> Opened:
    """Queue a run that reads anew and carries its plan out only if it is the preview's, row for row;
    else it ends as a preview itself, and nothing is applied. Raises NothingToApply."""
    if not is_applicable(preview):
        raise NothingToApply
    opened = open_run(
        connection=preview.connection,
        trigger=preview.trigger,
        requested_by=user,
        turns_auto_sync_on=preview.turns_auto_sync_on,
        preview=preview,
        undoes=preview.undoes,
    )
    if opened.is_new:
        audit.record(
            account=preview.account,
            user=user,
            kind="PREVIEW_APPLIED",
            subject=f"{preview.connection.provider}, sync {preview.pk}",
        )
    return opened


def is_applicable(preview: SyncRun) -> bool:
    """An undo without its run, and a preview that was carried out, have nothing to apply."""
    if not preview.is_preview or preview.status != Status.PREVIEWED:
        return False
    if preview.trigger == Trigger.UNDO and preview.undoes_id is None:
        return False
    return not carrying_out(preview).exists()


def carrying_out(preview: SyncRun) -> QuerySet[SyncRun]:
    """The sync that was opened to apply it; one that failed or was cancelled leaves it to be applied."""
    runs = SyncRun.objects.filter(preview=preview, is_preview=False)
    return runs.exclude(status__in=(Status.FAILED, Status.CANCELLED))
