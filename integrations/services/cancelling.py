"""Stops an open run. What it has read is dropped, and nothing of its plan is carried out."""

from __future__ import annotations

from enum import StrEnum

from django.db import transaction

from accounts import audit
from accounts.models import User
from integrations.models import OPEN_STATUSES, Phase, SyncRun
from integrations.services.telling import tell
from integrations.sync import finishing, journal


class Cancelling(StrEnum):
    """DONE: it has ended. ASKED: a worker is at it and stops before its next write. TOO_LATE: its
    changes are in already. ENDED: it was over before."""

    DONE = "DONE"
    ASKED = "ASKED"
    TOO_LATE = "TOO_LATE"
    ENDED = "ENDED"


def cancel_run(*, run: SyncRun, user: User | None) -> Cancelling:
    """Asking twice is the same as asking once. Wake the run after ASKED and TOO_LATE."""
    with transaction.atomic():
        came_of_it = _cancel(run, user)
    run.refresh_from_db()
    if came_of_it == Cancelling.DONE:
        tell(run)
        run.is_told = True
    return came_of_it


def _cancel(run: SyncRun, user: User | None) -> Cancelling:
    still = SyncRun.objects.filter(pk=run.pk, status__in=OPEN_STATUSES)
    if not still.exists():
        return Cancelling.ENDED
    if not still.exclude(phase=Phase.FINISH).update(is_cancel_requested=True, next_attempt_at=None):
        return Cancelling.TOO_LATE
    _record(run, user)
    claimed = journal.claim(run.pk)
    if claimed is None:
        return Cancelling.ASKED
    return _end(claimed)


def _end(claimed: SyncRun) -> Cancelling:
    """No worker has it, so nobody is at work between this look at its phase and its end."""
    if claimed.phase == Phase.FINISH:
        journal.release(claimed, after_seconds=0, is_progress=True)
        return Cancelling.TOO_LATE
    finishing.cancel(claimed)
    return Cancelling.DONE


def _record(run: SyncRun, user: User | None) -> None:
    if run.is_cancel_requested:
        return
    audit.record(
        account=run.account,
        user=user,
        kind="SYNC_CANCELLED",
        subject=f"{run.connection.provider}, sync {run.pk}",
    )
