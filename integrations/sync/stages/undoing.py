"""The one stage of an undo: each carried-out row of the other run, against what is there now."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from groups.models import Group
from groups.names import name_key
from integrations.contract.records import FIELD_LENGTHS
from integrations.models import Change, Course, GroupLink, Kind, Outcome, SyncRun, TargetLink
from integrations.sync.course_planner import state_of
from integrations.sync.stages.writing import BATCH, write
from integrations.sync.undo_planner import Present, Spot, as_draft, plan_back
from targets.emails import email_key
from targets.models import GroupMembership, SetBy, Target

PERSON_FIELDS = ("email", "source", *FIELD_LENGTHS)


def plan_undo(run: SyncRun, after: int) -> int | None:
    done = Change.objects.filter(run=run.undoes_id, outcome=Outcome.APPLIED, pk__gt=after)
    rows = list(done.order_by("pk")[:BATCH])
    facts = _Facts(run, rows)
    write(run, (draft for row in rows for draft in plan_back(as_draft(row), facts.of(row))))
    return rows[-1].pk if len(rows) == BATCH else None


@dataclass(slots=True)
class _Facts:
    """What a batch of rows speaks of, in a fixed number of queries."""

    run: SyncRun
    rows: list[Change]
    targets: dict[int, Target] = field(init=False)
    groups: dict[int, Group] = field(init=False)
    courses: dict[str, Course] = field(init=False)
    group_links: dict[int, GroupLink] = field(init=False)
    group_of: dict[str, int] = field(init=False)
    links: dict[int, TargetLink] = field(init=False)
    spots: dict[tuple[int, int], Spot] = field(init=False)
    taken: dict[str, dict[str, int]] = field(init=False)

    def __post_init__(self) -> None:
        target_ids = {row.target_id for row in self.rows if row.target_id}
        self.targets = Target.objects.in_bulk(target_ids)
        self.groups = Group.objects.in_bulk({r.group_id for r in self.rows if r.group_id})
        self._look_up_courses()
        links = GroupLink.objects.filter(connection=self.run.connection)
        self.group_links = {link.group_id: link for link in links}
        self.group_of = {link.integration_id: link.group_id for link in self.group_links.values()}
        mine = TargetLink.objects.filter(connection=self.run.connection, target_id__in=target_ids)
        self.links = {link.target_id: link for link in mine}
        self.spots = _spots(target_ids)
        self.taken = {"email": self._emails(), "integration_id": self._ids(), "name": self._names()}

    def _look_up_courses(self) -> None:
        ids = [row.integration_id for row in self.rows if row.kind == Kind.COURSE]
        found = Course.objects.filter(connection=self.run.connection, integration_id__in=ids)
        self.courses = {course.integration_id: course for course in found}

    def _old(self, name: str) -> set[str]:
        return {row.before[name] for row in self.rows if name in row.before}

    def _emails(self) -> dict[str, int]:
        keys = {email_key(email) for email in self._old("email")}
        return dict(Target.objects.filter(email_key__in=keys).values_list("email_key", "pk"))

    def _ids(self) -> dict[str, int]:
        links = TargetLink.objects.filter(connection=self.run.connection)
        mine = links.filter(integration_id__in=self._old("integration_id"))
        return dict(mine.values_list("integration_id", "target_id"))

    def _names(self) -> dict[str, int]:
        keys = {name_key(row.before["name"]) for row in self.rows if _is_named_group(row)}
        return dict(Group.objects.filter(name_key__in=keys).values_list("name_key", "pk"))

    def of(self, row: Change) -> Present:
        return Present(
            values=self._values(row), spots=self._spots_of(row), blocked=self._blocked(row)
        )

    def _values(self, row: Change) -> dict[str, Any] | None:
        if row.kind == Kind.COURSE:
            return _course_values(self.courses.get(row.integration_id))
        if row.kind == Kind.GROUP:
            group = self.groups.get(row.group_id or 0)
            return _group_values(group, self.group_links.get(row.group_id or 0))
        target = self.targets.get(row.target_id or 0)
        return _person_values(target, self.links.get(row.target_id or 0))

    def _spots_of(self, row: Change) -> dict[str, Spot]:
        if not row.target_id:
            return {}
        groups = {team: self.group_of.get(team) for team in row.team_ids}
        places = {team: (group, row.target_id) for team, group in groups.items() if group}
        own = row.group_id or self.group_of.get(row.team_id)
        if own and row.kind == Kind.MEMBERSHIP:
            places[""] = (own, row.target_id)
        return {team: self.spots[place] for team, place in places.items() if place in self.spots}

    def _blocked(self, row: Change) -> frozenset[str]:
        mine = row.group_id if row.kind == Kind.GROUP else row.target_id
        names = {"name"} if row.kind == Kind.GROUP else {"email", "integration_id"}
        named = [name for name in row.before if name in names]
        holders = {name: self.taken[name].get(COMPARED[name](row.before[name])) for name in named}
        return frozenset(name for name, who in holders.items() if who and who != mine)


COMPARED: dict[str, Callable[[str], str]] = {
    "email": email_key,
    "integration_id": str,
    "name": name_key,
}


def _is_named_group(row: Change) -> bool:
    return row.kind == Kind.GROUP and "name" in row.before


def _spots(target_ids: Iterable[int]) -> dict[tuple[int, int], Spot]:
    rows = GroupMembership.objects.filter(target_id__in=list(target_ids))
    spots: dict[tuple[int, int], Spot] = {}
    for group_id, target_id, is_active, set_by in rows.values_list(
        "group_id", "target_id", "is_active", "set_by"
    ):
        spots[group_id, target_id] = Spot(is_active=is_active, is_by_sync=set_by == SetBy.SYNC)
    return spots


def _person_values(target: Target | None, link: TargetLink | None) -> dict[str, Any] | None:
    if target is None:
        return None
    values = {name: getattr(target, name) for name in PERSON_FIELDS}
    return {**values, "integration_id": link.integration_id if link else ""}


def _group_values(group: Group | None, link: GroupLink | None) -> dict[str, Any] | None:
    if group is None:
        return None
    return {
        "name": group.name,
        "state": "archived" if group.is_archived else "active",
        "team": link.remote_name if link else "",
        "gone": bool(link and link.gone_at),
    }


def _course_values(course: Course | None) -> dict[str, Any] | None:
    if course is None:
        return None
    state = state_of(is_active=course.is_active, is_gone=course.gone_at is not None)
    return {
        "name": course.name,
        "code": course.code,
        "description": course.description,
        "state": state,
    }
