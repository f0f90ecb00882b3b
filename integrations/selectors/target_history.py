"""What syncs did to one target, and which of them each of its values came from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from groups.models import Group
from integrations.models import Change, GroupLink, Kind, Outcome, SyncRun
from targets.models import Target
from targets.selectors import FIELDS

MOST_ROWS = 200


@dataclass(frozen=True, slots=True)
class Origin:
    """The sync that last wrote a field. `is_changed_since`: the value is not the one it wrote."""

    run: SyncRun
    is_changed_since: bool

    @property
    def at(self) -> datetime:
        """While the sync is not over yet: when it was asked for."""
        return self.run.finished_at or self.run.created_at


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """Newest first; `following` is the id to go on before, 0 on the last page."""

    rows: list[Change]
    following: int = 0


def _rows(target: Target) -> QuerySet[Change]:
    rows = Change.objects.filter(target_id=target.pk, run__is_preview=False)
    return rows.select_related("run__connection", "run__requested_by", "decision__user")


def origins_of(target: Target) -> dict[str, Origin]:
    """Field → where its value came from, as far back as the log is kept."""
    written = _rows(target).filter(kind=Kind.PERSON, outcome=Outcome.APPLIED).exclude(after={})
    found: dict[str, Origin] = {}
    for row in written.order_by("-pk")[:MOST_ROWS]:
        for field, value in row.after.items():
            if field in FIELDS and field not in found:
                found[field] = Origin(row.run, getattr(target, field) != value)
    return found


def history_page(target: Target, *, before: int = 0, size: int) -> HistoryPage:
    rows = _rows(target).order_by("-pk")
    found = list((rows.filter(pk__lt=before) if before else rows)[: size + 1])
    following = found[size - 1].pk if len(found) > size else 0
    return HistoryPage(found[:size], following)


def groups_of_rows(rows: Iterable[Change]) -> dict[int, list[str]]:
    """Row id → the names of the groups that it joins or leaves, for those still known."""
    rows = list(rows)
    teams = {team for row in rows for team in row.team_ids}
    links = GroupLink.objects.filter(integration_id__in=teams).values_list(
        "connection_id", "integration_id", "group__name"
    )
    of_team = {(connection, team): name for connection, team, name in links}
    ids = {row.group_id for row in rows if row.group_id}
    of_group = dict(Group.objects.filter(pk__in=ids).values_list("pk", "name"))
    return {row.pk: _names(row, of_team, of_group) for row in rows}


def _names(row: Change, of_team: dict[tuple[int, str], str], of_group: dict[int, str]) -> list[str]:
    teams = [of_team.get((row.run.connection_id, team), "") for team in row.team_ids]
    own = of_group.get(row.group_id or 0, "")
    return sorted({name for name in (*teams, own) if name})
