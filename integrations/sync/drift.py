"""How far groups are from their teams: the people whom a run found to join or leave, but did not move."""

from __future__ import annotations

from collections import Counter

from django.db.models import Q, QuerySet
from django.utils import timezone

from integrations.models import (
    Action,
    Change,
    Connection,
    GroupLink,
    Outcome,
    StagedTeam,
    SyncRun,
)

JOINING = (Action.CREATE, Action.REACTIVATE)
NOT_DONE = (Outcome.PLANNED, Outcome.HELD)
BATCH = 1000


def adrift(connection: Connection) -> QuerySet[GroupLink]:
    """The groups that could follow a team every night, but have their Auto-Sync off."""
    links = GroupLink.objects.filter(connection=connection, gone_at=None)
    off = links.filter(group__auto_sync=False, group__locked=False, group__is_archived=False)
    return off.select_related("group").order_by("group__name_key")


def compare(run: SyncRun) -> None:
    """Keep what the run found of the teams it has read; one that looked wrong as a whole tells nothing."""
    if run.hold_reason:
        return
    read = StagedTeam.objects.filter(
        Q(is_read=True) | Q(is_missing=True), run=run, is_in_scope=True
    )
    links = GroupLink.objects.filter(
        connection=run.connection, integration_id__in=read.values("integration_id")
    )
    links.update(joining=0, leaving=0, compared_at=timezone.now())
    _keep(links, _counted(run, joins=True), _counted(run, joins=False))


def _counted(run: SyncRun, *, joins: bool) -> Counter[str]:
    """Team id → how many people."""
    actions = JOINING if joins else (Action.DEACTIVATE,)
    rows = Change.objects.filter(run=run, action__in=actions, outcome__in=NOT_DONE)
    people = rows.filter(kind__in=("PERSON", "MEMBERSHIP")).values_list("team_ids", "team_id")
    found: Counter[str] = Counter()
    for teams, team in people.iterator(chunk_size=5000):
        found.update(teams or [team])
    return found


def _keep(links: QuerySet[GroupLink], joining: Counter[str], leaving: Counter[str]) -> None:
    """Only of the teams that differ."""
    differing = sorted(joining.keys() | leaving.keys())
    for start in range(0, len(differing), BATCH):
        batch = list(links.filter(integration_id__in=differing[start : start + BATCH]))
        for link in batch:
            link.joining = joining[link.integration_id]
            link.leaving = leaving[link.integration_id]
        GroupLink.objects.bulk_update(batch, ["joining", "leaving"], batch_size=BATCH)
