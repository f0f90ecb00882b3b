"""Looks a second time before anything is believed to be gone.

Lists are read page by page while they change, and a page can be wrong. What they lack is therefore asked for
by id where it is little: people, the memberships of people, courses, teams. Of many, people and courses wait
for an Administrator (stages.holds), and lists of members are read once more from their beginning: a list that
comes out differently is left alone. A reading that lacks nothing makes no call here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.db.models import Exists, F, OuterRef, QuerySet

from integrations.contract.errors import Missing
from integrations.contract.provider import Session
from integrations.models import (
    Course,
    Phase,
    StagedCourse,
    StagedMember,
    StagedPerson,
    StagedTeam,
    SyncRun,
    TargetLink,
)
from integrations.sync import journal, store
from integrations.sync.guard import Thresholds
from integrations.sync.members import leave_alone
from integrations.sync.pages import count_calls, staged_person
from targets.models import GroupMembership

#: So many of each kind are asked for, or a quarter of the calls that the reading took.
FEW, SHARE = 25, 4
#: Where an Administrator has switched the limits off, so that less is held.
FEW_WITHOUT_LIMITS = 500


def confirm(run: SyncRun, session: Session) -> str:
    """Asks one question, the first of those in the cursor."""
    if "questions" not in run.cursor:
        cursor = {**run.cursor, "questions": _questions(run)}
        journal.checkpoint(run, cursor=cursor)
    if not run.cursor["questions"]:
        cursor = {**run.cursor, "stage": "GROUPS", "after": 0}
        journal.checkpoint(run, phase=Phase.PLAN, cursor=cursor)
        return Phase.PLAN
    kind, integration_id = run.cursor["questions"][0]
    ASKED[kind](run, session, integration_id)
    return Phase.CONFIRM


def _questions(run: SyncRun) -> list[tuple[str, str]]:
    most = max(FEW, run.calls // SHARE)
    if Thresholds.of(run.connection.thresholds).is_off:
        most = max(most, FEW_WITHOUT_LIMITS)
    found = _few("TEAM", _unlisted_teams(run), most)
    found += _few("PERSON", _missing_people(run), most)
    members = _missing_members(run)
    if len({person for person, _ in members}) <= most:
        found += [("TEAMS_OF", person) for person in sorted({person for person, _ in members})]
    else:
        found += [("MEMBERS", team) for team in sorted({team for _, team in members})]
    return found + _few("COURSE", _missing_courses(run), most)


def _few(kind: str, ids: QuerySet[Any, str], most: int) -> list[tuple[str, str]]:
    """None if there are more than `most`."""
    found = list(ids[: most + 1])
    return [(kind, one) for one in found] if len(found) <= most else []


def _unlisted_teams(run: SyncRun) -> QuerySet[StagedTeam, str]:
    teams = StagedTeam.objects.filter(
        run_id=run.staging_id, is_listed=False, is_in_scope=True, is_read=False
    )
    return teams.order_by("pk").values_list("integration_id", flat=True)


def _missing_people(run: SyncRun) -> QuerySet[TargetLink, str]:
    """Linked people, not gone before, whom this reading does not have. One by one all were asked for."""
    read = StagedPerson.objects.filter(
        run_id=run.staging_id, integration_id=OuterRef("integration_id")
    )
    links = TargetLink.objects.filter(connection_id=run.connection_id, gone_at=None)
    if "is_whole" not in run.cursor or run.cursor.get("singles"):
        links = links.none()
    asked = run.cursor.get("asked", [])
    missing = links.exclude(Exists(read)).exclude(integration_id__in=asked)
    return missing.order_by("pk").values_list("integration_id", flat=True)


def _missing_members(run: SyncRun) -> list[tuple[str, str]]:
    """(person, team) of active people of a group whom its team does not list, though they are there. Lists
    of changes say expressly who left."""
    if "is_whole" not in run.cursor or run.mirror_id:
        return []
    teams = StagedTeam.objects.filter(
        run_id=run.staging_id, is_in_scope=True, is_listed=True, is_read=True
    )
    people = StagedPerson.objects.filter(run_id=run.staging_id, is_active=True, is_readable=True)
    members = StagedMember.objects.filter(run_id=run.staging_id)
    seats = GroupMembership.objects.filter(
        group__links__connection=run.connection_id,
        target__links__connection=run.connection_id,
        is_active=True,
        is_kept=False,
    ).annotate(
        team_id=F("group__links__integration_id"), person_id=F("target__links__integration_id")
    )
    missing = seats.filter(
        Exists(teams.filter(integration_id=OuterRef("team_id"))),
        Exists(people.filter(integration_id=OuterRef("person_id"))),
        ~Exists(members.filter(team_id=OuterRef("team_id"), person_id=OuterRef("person_id"))),
    )
    return [(row.person_id, row.team_id) for row in missing.iterator()]


def _missing_courses(run: SyncRun) -> QuerySet[Course, str]:
    read = StagedCourse.objects.filter(run=run, integration_id=OuterRef("integration_id"))
    courses = Course.objects.filter(connection=run.connection, gone_at=None)
    if "courses_received" not in run.cursor:
        courses = courses.none()
    missing = courses.exclude(Exists(read)).order_by("pk")
    return missing.values_list("integration_id", flat=True)


def _answered(run: SyncRun, session: Session, *following: tuple[str, str], **values: Any) -> None:
    """Call it first in the transaction that keeps the answer."""
    count_calls(run, session)
    questions = [*following, *run.cursor["questions"][1:]]
    cursor = {**run.cursor, "questions": questions, **values}
    journal.checkpoint(run, cursor=cursor, calls=run.calls)


def _ask_for_team(run: SyncRun, session: Session, team_id: str) -> None:
    try:
        session.read_members(team_id, 0)
        answer = {"is_read": True, "is_in_scope": False}
    except Missing:
        answer = {"is_read": True, "is_missing": True}
    with transaction.atomic():
        _answered(run, session)
        _team(run, team_id).update(**answer)


def _team(run: SyncRun, team_id: str) -> QuerySet[StagedTeam]:
    return StagedTeam.objects.filter(run_id=run.staging_id, integration_id=team_id)


def _ask_for_person(run: SyncRun, session: Session, person_id: str) -> None:
    """A list that missed somebody may have missed them in their teams, too."""
    record = session.find_person(person_id)
    asked = [*run.cursor.get("asked", []), person_id]
    following = [("TEAMS_OF", person_id)] if record and not run.mirror_id else []
    with transaction.atomic():
        _answered(run, session, *following, asked=asked)
        if record:
            store.insert([staged_person(run, record)])


def _ask_for_teams_of(run: SyncRun, session: Session, person_id: str) -> None:
    try:
        teams = [team.integration_id for team in session.read_teams_of(person_id)]
    except Missing:
        teams = []
    with transaction.atomic():
        _answered(run, session)
        read = StagedTeam.objects.filter(
            run_id=run.staging_id, integration_id__in=teams, is_in_scope=True, is_listed=True
        )
        store.insert(
            [
                StagedMember(run_id=run.staging_id, team_id=team, person_id=person_id)
                for team in read.values_list("integration_id", flat=True)
            ]
        )


def _read_members_again(run: SyncRun, session: Session, team_id: str) -> None:
    """One page. Only a second reading that equals the first is believed."""
    start, is_equal = run.cursor.get("again", (0, True))
    staged = StagedMember.objects.filter(run_id=run.staging_id, team_id=team_id)
    try:
        page = session.read_members(team_id, start)
    except Missing:
        is_equal, is_last = False, True
    else:
        known = staged.filter(person_id__in=page.records).count()
        is_equal = is_equal and known == len(page.records) and not page.rejected
        start, is_last = start + page.received, page.is_last
    is_equal = is_equal and (not is_last or start == staged.count())
    with transaction.atomic():
        if not is_last:
            _answered(run, session, ("MEMBERS", team_id), again=(start, is_equal))
            return
        _answered(run, session, again=(0, True))
        if not is_equal:
            team = _team(run, team_id).get()
            leave_alone(team)
            team.save(update_fields=["is_read", "is_missing", "is_in_scope"])


def _ask_for_course(run: SyncRun, session: Session, course_id: str) -> None:
    record = session.find_course(course_id)
    asked = [*run.cursor.get("asked_courses", []), course_id]
    with transaction.atomic():
        _answered(run, session, asked_courses=asked)
        if record:
            store.insert(
                [
                    StagedCourse(
                        run=run,
                        integration_id=course_id,
                        name=record.name,
                        code=record.code,
                        description=record.description,
                        is_active=record.is_active,
                    )
                ]
            )


ASKED: dict[str, Callable[[SyncRun, Session, str], None]] = {
    "TEAM": _ask_for_team,
    "PERSON": _ask_for_person,
    "TEAMS_OF": _ask_for_teams_of,
    "MEMBERS": _read_members_again,
    "COURSE": _ask_for_course,
}
