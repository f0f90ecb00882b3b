"""The held changes of a run, to be decided: by person and group, with what they were weighed against."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from groups.models import Group
from integrations.models import Change, GroupLink, Outcome, SyncRun
from integrations.sentences import HELD_BECAUSE

MOST_GROUPS = 200
MOST_SHOWN = 20


@dataclass(frozen=True, slots=True)
class HeldFilters:
    """`group` is one of our group ids as text."""

    q: str = ""
    kind: str = ""
    hold_reason: str = ""
    group: str = ""


@dataclass(frozen=True, slots=True)
class HeldRows:
    """`page` is one page of `rows`; `following` the id to go on after, 0 on the last page."""

    rows: QuerySet[Change]
    page: list[Change]
    following: int = 0


def held_rows(run: SyncRun, filters: HeldFilters) -> QuerySet[Change]:
    exact = {"kind": filters.kind, "hold_reason": filters.hold_reason}
    rows = Change.objects.filter(run=run, outcome=Outcome.HELD)
    rows = rows.filter(**{name: value for name, value in exact.items() if value})
    if filters.q:
        rows = rows.filter(Q(label__icontains=filters.q) | Q(detail__icontains=filters.q))
    if filters.group.isdecimal():
        rows = rows.filter(_of_group(run, int(filters.group)))
    return rows.order_by("pk")


def _of_group(run: SyncRun, group_id: int) -> Q:
    """Rows of the group itself, and of people who would leave it."""
    link = GroupLink.objects.filter(connection=run.connection, group_id=group_id).first()
    found = Q(group_id=group_id)
    return found | Q(team_ids__icontains=f'"{link.integration_id}"') if link else found


def page_of_held(rows: QuerySet[Change], after: int, size: int) -> HeldRows:
    found = list(rows.filter(pk__gt=after)[: size + 1])
    following = found[size - 1].pk if len(found) > size else 0
    return HeldRows(rows, found[:size], following)


def groups_of(run: SyncRun) -> list[tuple[int, str]]:
    """The groups to filter by: those the connection follows."""
    groups = Group.objects.filter(links__connection=run.connection).order_by("name")
    return list(groups.values_list("pk", "name")[:MOST_GROUPS])


def group_names(rows: Collection[Change], run: SyncRun) -> dict[str, str]:
    """Team id → the name of its group, for the teams that these rows leave."""
    teams = {team for row in rows for team in (*row.team_ids, row.team_id) if team}
    links = GroupLink.objects.filter(connection=run.connection, integration_id__in=teams)
    return dict(links.values_list("integration_id", "group__name"))


@dataclass(frozen=True, slots=True)
class Weighed:
    """Why changes were held, and of how many: "1,240 of 3,100 people, 40 %"."""

    code: str
    because: str
    number: int = 0
    of: int = 0
    what: str = "people"
    group: str = ""

    @property
    def share(self) -> int:
        return round(100 * self.number / self.of) if self.of else 0


def hold_codes(run: SyncRun) -> list[str]:
    """Why changes of the run are held; one that holds everything stands alone."""
    if run.hold_reason:
        return [run.hold_reason]
    return sorted(key.removeprefix("HOLD.") for key in run.counts if key.startswith("HOLD."))


def hold_figures(run: SyncRun) -> list[Weighed]:
    """One entry a reason, and for a group's own reasons one a group, largest first."""
    found: list[Weighed] = []
    for code in hold_codes(run):
        found += _by_group(run, code) if code in GROUP_REASONS else [_weigh(run, code)]
    return found


GROUP_REASONS = ("group_removals", "team_empty")
WEIGHED = {
    "removals": ("leaving", "active", "people"),
    "half_gone": ("leaving", "active", "people"),
    "half_unknown": ("seen", "known", "known people who are still there"),
    "team_removals": ("teams_gone", "teams", "teams"),
    "unreadable": ("unreadable", "received", "records"),
    "people_unconfirmed": ("missing_people", "known", "people"),
    "courses_unconfirmed": ("missing_courses", "courses", "courses"),
    "tenant_empty": ("received", "known", "known people who are still there"),
}


def _weigh(run: SyncRun, code: str) -> Weighed:
    number, of, what = WEIGHED.get(code, ("leaving", "active", "people"))
    counts = run.counts
    return Weighed(
        code,
        HELD_BECAUSE.get(code, ""),
        counts.get(f"FIGURE.{number}", 0),
        counts.get(f"FIGURE.{of}", 0),
        what,
    )


def _by_group(run: SyncRun, code: str) -> list[Weighed]:
    figures = {
        int(key.split(".")[2]): number
        for key, number in run.counts.items()
        if key.startswith("FIGURE.group.") and key.endswith(f".{code}")
    }
    names = dict(Group.objects.filter(pk__in=figures).values_list("pk", "name"))
    found = [
        Weighed(
            code,
            HELD_BECAUSE.get(code, ""),
            number,
            run.counts.get(f"FIGURE.size.{pk}", 0),
            group=names.get(pk, ""),
        )
        for pk, number in figures.items()
    ]
    return sorted(found, key=lambda weighed: -weighed.number)[:MOST_SHOWN]
