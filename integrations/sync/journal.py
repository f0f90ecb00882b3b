"""The run's row as its own lock: claimed by one step at a time, fenced in every write.

The time is the database's, so the clocks of the workers don't matter.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import connection as database
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce, Now

from integrations.models import OPEN_STATUSES, Status, SyncRun

EARLY = timedelta(seconds=2)


def _lease() -> timedelta:
    return timedelta(seconds=settings.LEASE_SECONDS)


class LeaseLost(Exception):
    """Another step has taken the run over, or it has ended: write nothing more."""


class Cancelled(Exception):
    """Somebody asked for the run to stop."""


def claim(run_id: int) -> SyncRun | None:
    """Take the run for one step, or None while another step has it, it waits or it has ended."""
    run = SyncRun.objects.filter(pk=run_id, status__in=OPEN_STATUSES).first()
    if run is None:
        return None
    is_free = Q(lease_until=None) | Q(lease_until__lt=Now())
    is_time = Q(next_attempt_at=None) | Q(next_attempt_at__lte=Now() + EARLY)
    mine = SyncRun.objects.filter(is_free, is_time, pk=run_id, epoch=run.epoch)
    claimed = mine.filter(status__in=OPEN_STATUSES).update(
        status=Status.RUNNING,
        epoch=F("epoch") + 1,
        attempts=F("attempts") + 1,
        lease_until=Now() + _lease(),
        heartbeat_at=Now(),
        started_at=Coalesce("started_at", Now()),
        next_attempt_at=None,
    )
    if not claimed:
        return None
    run.refresh_from_db()
    return run


def checkpoint(run: SyncRun, **values: Any) -> None:
    """Keep the place to go on from. Call it first in the transaction whose rows it fences.

    Raises LeaseLost, or Cancelled when the run is to stop.

    PostgreSQL does not wait for its disk: should it crash, the run goes on from an earlier checkpoint with
    the rows of that one. Nobody is told of anything before `close`, which waits for all before it.
    """
    if database.vendor == "postgresql" and database.in_atomic_block:
        with database.cursor() as cursor:
            cursor.execute("SET LOCAL synchronous_commit = off")
    try:
        _write(run, goes_on=True, lease_until=Now() + _lease(), attempts=0, **values)
    except LeaseLost:
        if _mine(run).filter(is_cancel_requested=True).exists():
            raise Cancelled from None
        raise


def rewind(run: SyncRun, **values: Any) -> None:
    """Go back to an earlier place: the attempt counts, so going back for ever is not possible."""
    _write(run, lease_until=Now() + _lease(), **values)


def release(run: SyncRun, *, after_seconds: float, is_progress: bool) -> None:
    """Give the run back until then. Without progress the attempt counts against it."""
    values: dict[str, Any] = {"attempts": 0} if is_progress else {}
    due = Now() + timedelta(seconds=after_seconds)
    _write(run, lease_until=None, next_attempt_at=due, calls=run.calls, **values)


def close(run: SyncRun, *, status: str, **values: Any) -> None:
    """End the run, once. Raises LeaseLost when it is not ours to end."""
    _write(run, status=status, lease_until=None, next_attempt_at=None, finished_at=Now(), **values)
    run.refresh_from_db()


def _mine(run: SyncRun) -> QuerySet[SyncRun]:
    return SyncRun.objects.filter(pk=run.pk, epoch=run.epoch, status=Status.RUNNING)


def _write(run: SyncRun, *, goes_on: bool = False, **values: Any) -> None:
    rows = _mine(run).filter(is_cancel_requested=False) if goes_on else _mine(run)
    if not rows.update(heartbeat_at=Now(), **values):
        raise LeaseLost
    for name, value in values.items():
        if not hasattr(value, "resolve_expression"):
            setattr(run, name, value)
