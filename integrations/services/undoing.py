"""Undo puts the old values of a run's changes back; it begins as a preview."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from accounts import audit
from accounts.models import User
from integrations.models import Outcome, Status, SyncRun, Trigger
from integrations.services.runs import Opened, open_run

UNDO_WITHIN = timedelta(days=30)
ENDED_WELL = (Status.SYNCED, Status.WARNINGS, Status.HELD)


class UndoRefused(Exception):
    """The run changed nothing, was an undo itself, was undone already, or is older than 30 days."""


@transaction.atomic
def start_undo(*, run: SyncRun, user: User | None) -> Opened:
    """Queue the preview of an undo; `previews.apply_preview` then carries it out. Raises UndoRefused."""
    if not can_undo(run):
        raise UndoRefused
    opened = open_run(
        connection=run.connection,
        trigger=Trigger.UNDO,
        requested_by=user,
        is_preview=True,
        undoes=run,
    )
    if opened.is_new:
        audit.record(
            account=run.account,
            user=user,
            kind="UNDO_STARTED",
            subject=f"{run.connection.provider}, sync {run.pk}",
        )
    return opened


def can_undo(run: SyncRun, *, now: datetime | None = None) -> bool:
    if run.undoes_id or run.status not in ENDED_WELL or run.finished_at is None:
        return False
    if (now or timezone.now()) - run.finished_at > UNDO_WITHIN:
        return False
    if run.undo_runs.filter(is_preview=False, status=Status.UNDONE).exists():
        return False
    return any(key.endswith(f".{Outcome.APPLIED}") for key in run.counts)
