"""Runs that want a step and may have lost their message."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import F, Q, QuerySet

from integrations.models import OPEN_STATUSES, SyncRun

STALE_QUEUE = timedelta(seconds=60)


def lapsed_runs(moment: datetime) -> list[int]:
    """Held by a worker whose lease ran out: those surely have no message."""
    runs = _open().filter(lease_until__lt=moment)
    return list(runs.order_by("lease_until", "pk").values_list("pk", flat=True))


def lost_runs(moment: datetime, *, messages: int) -> list[int]:
    """Of the runs that wait for a worker as many as there are messages too few on the queue. Which of
    them lost theirs can't be told: one that has begun is never behind others for long, and of the others
    the oldest is at the head of the queue, so it is the first that should have been served."""
    waiting = waiting_runs(moment)
    lost = max(waiting.count() - messages, 0)
    oldest = waiting.order_by(F("started_at").asc(nulls_last=True), "created_at", "pk")
    return list(oldest.values_list("pk", flat=True)[:lost])


def waiting_runs(moment: datetime) -> QuerySet[SyncRun]:
    """Due, with nobody at work, for longer than a message takes."""
    is_due = Q(next_attempt_at__lte=moment) | Q(
        next_attempt_at=None, created_at__lte=moment - STALE_QUEUE
    )
    return _open().filter(is_due, lease_until=None)


def _open() -> QuerySet[SyncRun]:
    return SyncRun.objects.filter(status__in=OPEN_STATUSES)
