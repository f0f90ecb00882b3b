"""How far groups are from their teams: the people whom a run found to join or leave, but did not move."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from integrations.models import (
    Action,
    Change,
    GroupLink,
    Kind,
    Outcome,
    StagedTeam,
    SyncRun,
)
from integrations.sync.waiting import LEFT

JOINING = (Action.CREATE, Action.REACTIVATE)
LEAVING = (Action.DEACTIVATE,)
NOT_DONE = (Outcome.PLANNED, Outcome.HELD)
BATCH = 1000


def adrift(**where: Any) -> QuerySet[GroupLink]:
    """The groups that could follow a team every night, but have their Auto-Sync off."""
    links = GroupLink.objects.filter(gone_at=None, **where)
    off = links.filter(group__auto_sync=False, group__locked=False, group__is_archived=False)
    return off.select_related("group").order_by("group__name_key")


def compare(run: SyncRun) -> None:
    """Keep what the run found of the teams it has read; one that looked wrong as a whole tells nothing."""
    if run.hold_reason:
        return
    read = StagedTeam.objects.filter(
        Q(is_read=True) | Q(is_missing=True), run_id=run.staging_id, is_in_scope=True
    )
    links = GroupLink.objects.filter(
        connection=run.connection, integration_id__in=read.values("integration_id")
    )
    links.update(joining=0, leaving=0, compared_at=timezone.now())
    undone = Change.objects.filter(Q(outcome__in=NOT_DONE) | Q(hold_reason=LEFT), run=run)
    _add(links, _counted(undone, JOINING), _counted(undone, LEAVING))


def settle(run: SyncRun, decided: QuerySet[Change]) -> None:
    """What somebody has decided of what this run held is no longer to be done."""
    links = GroupLink.objects.filter(connection=run.connection)
    decided_leavers = _counted(decided, LEAVING)
    if not run.hold_reason:
        _add(links, Counter(), Counter({team: -n for team, n in decided_leavers.items()}))


def _counted(rows: QuerySet[Change], actions: Collection[str]) -> Counter[str]:
    """Team id → how many people."""
    people = rows.filter(kind__in=(Kind.PERSON, Kind.MEMBERSHIP), action__in=actions).values_list(
        "team_ids", "team_id"
    )
    found: Counter[str] = Counter()
    for teams, team in people.iterator(chunk_size=5000):
        found.update(teams or [team])
    return found


def _add(links: QuerySet[GroupLink], joining: Counter[str], leaving: Counter[str]) -> None:
    """Only to those of the teams that differ."""
    differing = sorted(joining.keys() | leaving.keys())
    for start in range(0, len(differing), BATCH):
        batch = list(links.filter(integration_id__in=differing[start : start + BATCH]))
        for link in batch:
            link.joining += joining[link.integration_id]
            link.leaving = max(0, link.leaving + leaving[link.integration_id])
        GroupLink.objects.bulk_update(batch, ["joining", "leaving"], batch_size=BATCH)
