"""What an operator looks at first: whether the background parts live, and which syncs wait for what."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, QuerySet
from django_scopes import scopes_disabled

from integrations.models import Status, SyncRun
from integrations.selectors import Backlog, backlog, beats, is_silent

MOST_LISTED = 50
LATELY = timedelta(days=1)
PARTS = {"tick": "Scheduler (beat)", "worker": "Worker"}


@dataclass(frozen=True, slots=True)
class Part:
    label: str
    beat_at: datetime | None
    is_silent: bool


@dataclass(frozen=True, slots=True)
class Waiting:
    """An open run with what it waits for, in words."""

    run: SyncRun
    what: str


@dataclass(frozen=True, slots=True)
class State:
    """Of all accounts together. `ended` counts the runs that ended within a day by their status."""

    parts: list[Part]
    backlog: Backlog
    oldest_queued: datetime | None
    for_budget: int
    open_runs: list[Waiting]
    ended: list[tuple[str, int]]

    @property
    def is_well(self) -> bool:
        return not any(part.is_silent for part in self.parts)


@scopes_disabled()
def state(now: datetime) -> State:
    runs = SyncRun.objects.select_related("account", "connection").order_by("pk")
    found = list(runs.filter(status__in=(Status.QUEUED, Status.RUNNING))[:MOST_LISTED])
    waits = [Waiting(run, _waits_for(run, now)) for run in found]
    queued = SyncRun.objects.filter(status=Status.QUEUED).order_by("created_at").first()
    return State(
        parts=_parts(now),
        backlog=backlog(now),
        oldest_queued=queued.created_at if queued else None,
        for_budget=_waiting_for_budget(now).count(),
        open_runs=waits,
        ended=_ended(now),
    )


def _parts(now: datetime) -> list[Part]:
    known = beats()
    return [
        Part(label, known.get(name), is_silent(known.get(name), now))
        for name, label in PARTS.items()
    ]


def _waiting_for_budget(now: datetime) -> QuerySet[SyncRun]:
    """A pause with no attempt lost is one for the budget; after trouble the attempt counts."""
    return SyncRun.objects.filter(status=Status.RUNNING, next_attempt_at__gt=now, attempts=0)


def _waits_for(run: SyncRun, now: datetime) -> str:
    if run.status == Status.QUEUED:
        return "a worker"
    if run.next_attempt_at and run.next_attempt_at > now:
        return "its next try, after trouble" if run.attempts else "free API calls"
    if run.lease_until and run.lease_until < now:
        return "a new worker: the last one was lost"
    return "nothing, a worker is at it" if run.lease_until else "a worker"


def _ended(now: datetime) -> list[tuple[str, int]]:
    rows = SyncRun.objects.filter(finished_at__gt=now - LATELY).values_list("status")
    counted = dict(rows.annotate(number=Count("pk")).order_by())
    return [(str(status.label), counted[status]) for status in Status if status in counted]
