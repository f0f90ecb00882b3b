"""The plan's last stages: what the reading itself has to tell, and the guard."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from integrations.models import (
    Action,
    Change,
    Course,
    GroupLink,
    Kind,
    Outcome,
    Reason,
    StagedMember,
    StagedPerson,
    StagedTeam,
    SyncRun,
    TargetLink,
)
from integrations.sync import waiting
from integrations.sync.drafts import Draft
from integrations.sync.guard import Figures, GroupFigures, Thresholds, Verdict, judge
from integrations.sync.stages.writing import write
from targets.models import GroupMembership

EXPLAINED = {Reason.GONE, Reason.INACTIVE_REMOTE}
BATCH = 2000


def tell_of_the_reading(run: SyncRun, _after: int) -> None:
    """Values that could not be read, once per value; records without an id; a list that kept moving."""
    values = run.cursor.get("values", {})
    rows = [note(*key.split(":", 1), number=number) for key, number in values.items()]
    unreadable = run.cursor.get("nameless", 0) + run.cursor.get("unreadable_lists", 0)
    if unreadable:
        rows.append(note(Reason.UNREADABLE, "", number=unreadable))
    if run.cursor.get("refused"):
        rows.append(note(Reason.CHANGES_REFUSED, "", why=run.cursor["refused"]))
    differing = run.reading.get("shadow", {})
    if differing.get("people") or differing.get("members"):
        rows.append(note(Reason.CHANGES_DIFFER, "", **differing))
    if run.cursor.get("is_whole") is False:
        rows.append(note(Reason.READ_MOVED, "", number=run.cursor.get("total", 0)))
    write(run, rows)


def note(reason: str, value: str, **args: int | str) -> Draft:
    return Draft(
        kind=Kind.NOTE,
        action=Action.WARN,
        outcome=Outcome.SKIPPED,
        reason=reason,
        label=value or "This sync",
        reason_args={"value": value, **args},
    )


def hold(run: SyncRun, _after: int) -> None:
    """One person whom somebody asked about is no mass removal, so nothing of theirs is held; but what waits
    for a decision already is left to that."""
    if waiting.is_partly(run):
        waiting.leave_alone(run)
    if run.person_id:
        return
    removals = _Removals(run)
    figures = _figures(run, removals)
    verdict = judge(figures, Thresholds.of(run.connection.thresholds))
    _keep_figures(run, figures, verdict)
    run.hold_reason = verdict.everything
    if verdict.everything:
        _planned(run).update(outcome=Outcome.HELD, hold_reason=verdict.everything)
        return
    if not verdict.teams and removals.is_any_team_unconfirmed():
        verdict.teams = "team_removals"
    _hold_unconfirmed_courses(run)
    held: dict[str, list[int]] = {}
    touched: set[int] = set(removals.gone_groups) if verdict.teams else set()
    for removal in removals.each():
        reason = _reason(removal, verdict, removals.gone_groups)
        if reason:
            held.setdefault(reason, []).append(removal.change_id)
            touched |= removal.groups
    if missing := held.get("people_unconfirmed"):
        run.counts |= {"FIGURE.missing_people": len(missing), "FIGURE.known": figures.known}
    for reason, ids in held.items():
        for start in range(0, len(ids), BATCH):
            part = Change.objects.filter(pk__in=ids[start : start + BATCH])
            part.update(outcome=Outcome.HELD, hold_reason=reason)
    gone = _planned(run).filter(kind=Kind.GROUP, action=Action.DEACTIVATE, group_id__in=touched)
    gone.update(outcome=Outcome.HELD, hold_reason=verdict.teams or "group_removals")


def _hold_unconfirmed_courses(run: SyncRun) -> None:
    gone = _planned(run).filter(kind=Kind.COURSE, reason=Reason.COURSE_GONE)
    unconfirmed = gone.exclude(integration_id__in=run.cursor.get("asked_courses", []))
    number = unconfirmed.update(outcome=Outcome.HELD, hold_reason="courses_unconfirmed")
    if number:
        courses = Course.objects.filter(connection=run.connection, gone_at=None).count()
        run.counts |= {"FIGURE.missing_courses": number, "FIGURE.courses": courses}


def _keep_figures(run: SyncRun, figures: Figures, verdict: Verdict) -> None:
    """What was weighed, so that a hold can say "1,240 of 3,100 people"."""
    if not (verdict.everything or verdict.removals or verdict.teams or verdict.groups):
        return
    for name in ("leaving", "active", "known", "seen", "strangers", "received", "unreadable"):
        run.counts[f"FIGURE.{name}"] = getattr(figures, name)
    run.counts |= {"FIGURE.teams": figures.teams, "FIGURE.teams_gone": figures.teams_gone}
    for group_id, reason in verdict.groups.items():
        group = figures.groups[group_id]
        run.counts[f"FIGURE.group.{group_id}.{reason}"] = group.leaving
        run.counts[f"FIGURE.size.{group_id}"] = group.active


def _planned(run: SyncRun) -> QuerySet[Change]:
    return Change.objects.filter(run=run, outcome=Outcome.PLANNED)


@dataclass(frozen=True, slots=True)
class _Removal:
    change_id: int
    is_person: bool
    reason: str
    groups: frozenset[int]
    is_unconfirmed: bool


@dataclass(slots=True)
class _Removals:
    """The planned removals of people, streamed; the groups a person's row leaves come from its teams."""

    run: SyncRun
    group_of: dict[str, int] = field(init=False)
    gone_groups: frozenset[int] = field(init=False)
    asked: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        teams = StagedTeam.objects.filter(run_id=self.run.staging_id, group_id__isnull=False)
        pairs = teams.values_list("integration_id", "group_id")
        self.group_of = {team: group_id for team, group_id in pairs if group_id}
        gone = _planned(self.run).filter(kind=Kind.GROUP, action=Action.DEACTIVATE)
        self.gone_groups = frozenset(filter(None, gone.values_list("group_id", flat=True)))
        self.asked = frozenset(self.run.cursor.get("asked", []))

    def is_any_team_unconfirmed(self) -> bool:
        """Whether there were too many to ask for one by one."""
        teams = StagedTeam.objects.filter(run_id=self.run.staging_id, is_read=False)
        return teams.filter(group_id__in=self.gone_groups).exists()

    def each(self) -> Iterator[_Removal]:
        rows = _planned(self.run).filter(
            kind__in=[Kind.PERSON, Kind.MEMBERSHIP], action=Action.DEACTIVATE
        )
        names = ("pk", "kind", "reason", "group_id", "team_ids", "integration_id")
        for pk, kind, reason, group_id, team_ids, person_id in rows.values_list(*names).iterator():
            groups = {group_id} if group_id else {self.group_of[team] for team in team_ids}
            is_unconfirmed = reason == Reason.GONE and person_id not in self.asked
            yield _Removal(pk, kind == Kind.PERSON, reason, frozenset(groups), is_unconfirmed)


def _reason(removal: _Removal, verdict: Verdict, gone_groups: frozenset[int]) -> str:
    if verdict.removals:
        return verdict.removals
    if removal.is_unconfirmed:
        return "people_unconfirmed"
    if verdict.teams and removal.groups & gone_groups:
        return verdict.teams
    for group_id in removal.groups:
        reason = verdict.groups.get(group_id, "")
        if reason == "team_empty" and removal.reason in EXPLAINED:
            continue
        if reason:
            return reason
    return ""


def _figures(run: SyncRun, removals: _Removals) -> Figures:
    read = StagedPerson.objects.filter(
        run_id=run.staging_id, integration_id=OuterRef("integration_id")
    )
    links = TargetLink.objects.filter(connection=run.connection, gone_at=None)
    if run.cursor.get("singles"):
        links = links.filter(Exists(read) | Q(integration_id__in=run.cursor["asked"]))
    teams = StagedTeam.objects.filter(run_id=run.staging_id, is_in_scope=True)
    has_read = "is_whole" in run.cursor
    nameless = run.cursor.get("nameless", 0)
    leaving, by_group = _leaving(removals)
    emptied = _emptied(run)
    active = _active_by_group(teams)
    unreadable = StagedPerson.objects.filter(run_id=run.staging_id, is_readable=False).count()
    return Figures(
        received=StagedPerson.objects.filter(run_id=run.staging_id).count() + nameless,
        unreadable=unreadable + nameless,
        known=links.count() if has_read else 0,
        seen=links.filter(Exists(read)).count() if has_read else 0,
        strangers=_strangers(run),
        active=_active_people(run),
        leaving=leaving,
        teams=GroupLink.objects.filter(connection=run.connection, gone_at=None).count(),
        teams_gone=len(removals.gone_groups),
        groups={
            group_id: GroupFigures(
                active=active.get(group_id, 0),
                leaving=number,
                is_emptied=group_id in emptied,
            )
            for group_id, number in by_group.items()
        },
    )


def _strangers(run: SyncRun) -> int:
    mine = TargetLink.objects.filter(
        connection=run.connection, integration_id=OuterRef("integration_id")
    )
    read = StagedPerson.objects.filter(run_id=run.staging_id, is_active=True, is_readable=True)
    return read.exclude(Exists(mine)).count()


def _leaving(removals: _Removals) -> tuple[int, Counter[int]]:
    people, by_group = 0, Counter[int]()
    for removal in removals.each():
        people += removal.is_person and bool(removal.groups)
        by_group.update(removal.groups)
    return people, by_group


def _active_by_group(teams: QuerySet[StagedTeam]) -> dict[int, int]:
    rows = GroupMembership.objects.filter(
        is_active=True, group_id__in=list(teams.values_list("group_id", flat=True))
    )
    return dict(rows.values("group_id").annotate(n=Count("pk")).values_list("group_id", "n"))


def _active_people(run: SyncRun) -> int:
    groups = GroupLink.objects.filter(connection=run.connection).values("group_id")
    active = GroupMembership.objects.filter(is_active=True, group_id__in=groups)
    return active.values("target_id").distinct().count()


def _emptied(run: SyncRun) -> set[int]:
    """Groups whose team is still listed but has nobody now."""
    member = StagedMember.objects.filter(run_id=run.staging_id, team_id=OuterRef("integration_id"))
    teams = StagedTeam.objects.filter(
        run_id=run.staging_id, is_in_scope=True, is_listed=True, group_id__isnull=False
    )
    emptied = teams.exclude(Exists(member))
    return set(filter(None, emptied.values_list("group_id", flat=True)))
