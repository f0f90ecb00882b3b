"""How much waits for the workers, of all accounts together."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Min, Q
from django.db.models.functions import Coalesce
from django_scopes import scopes_disabled

from integrations.models import OPEN_STATUSES, SyncRun


@dataclass(frozen=True, slots=True)
class Backlog:
    """Open runs: `due` could go on if a worker had time, the first of them since `due_since`;
    `at_work` have one; `paused` wait for free calls or their next try."""

    due: int
    due_since: datetime | None
    at_work: int
    paused: int

    def lag_seconds(self, now: datetime) -> float:
        return (now - self.due_since).total_seconds() if self.due_since else 0.0


@scopes_disabled()
def backlog(now: datetime) -> Backlog:
    is_held = Q(lease_until__gte=now)
    is_paused = Q(lease_until=None, next_attempt_at__gt=now)
    due_at = Coalesce("lease_until", "next_attempt_at", "created_at")
    found = SyncRun.objects.filter(status__in=OPEN_STATUSES).aggregate(
        due=Count("pk", filter=~is_held & ~is_paused),
        due_since=Min(due_at, filter=~is_held & ~is_paused),
        at_work=Count("pk", filter=is_held),
        paused=Count("pk", filter=is_paused),
    )
    return Backlog(**found)
