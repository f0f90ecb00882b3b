"""Reads people one by one, where that takes fewer calls than everybody's list: a team's members, those who
were in it, and whoever has the e-mail address of one of them."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from integrations.contract.provider import Session
from integrations.models import Phase, StagedMember, StagedPerson, StagedTeam, SyncRun, TargetLink
from integrations.sync import journal, store, ways
from integrations.sync.ahead import Ahead, Ask
from integrations.sync.pages import commit, staged_person
from targets.models import GroupMembership


def prefer(run: SyncRun, session: Session, total: int) -> None:
    """Once the members of the run's teams are known."""
    everybody = max(1, -(-total // session.page_size))
    wanted = len(_members(run) | _linked(run))
    calls = run.calls + ways.courses_calls(run)
    known = {"ALL": calls + everybody, "SINGLES": calls + wanted}
    way = min(known, key=lambda name: (known[name], name))
    reading = {**run.reading, "way": way, "calls": known[way], "ways": known}
    cursor = {**run.cursor, "singles": way == "SINGLES", "asked": []}
    journal.checkpoint(run, cursor=cursor, reading=reading)


def read_single(run: SyncRun, ahead: Ahead) -> str:
    wanted = _wanted(run)
    if not wanted:
        journal.checkpoint(run, cursor={**run.cursor, "is_whole": True})
        return ways.leave_people(run)
    person_id, *others = sorted(wanted)
    record = ahead.read(_ask(person_id), map(_ask, others))
    cursor = dict(run.cursor)
    cursor["received"] = cursor.get("received", 0) + 1
    if record is None:
        cursor["asked"] = [*cursor["asked"], person_id]
    with transaction.atomic():
        commit(run, ahead.session, Phase.PEOPLE, cursor)
        if record:
            store.insert([staged_person(run, record)])
    return run.phase


def _ask(person_id: str) -> Ask:
    return "find_person", (person_id,)


def _wanted(run: SyncRun) -> set[str]:
    staged = StagedPerson.objects.filter(run=run).values_list("integration_id", flat=True)
    wanted = _members(run) | _linked(run) | _rivals(run)
    return wanted - set(staged) - set(run.cursor["asked"])


def _members(run: SyncRun) -> set[str]:
    teams = StagedTeam.objects.filter(run=run, is_in_scope=True).values("integration_id")
    members = StagedMember.objects.filter(run=run, team_id__in=teams)
    return set(members.values_list("person_id", flat=True))


def _linked(run: SyncRun) -> set[str]:
    """Who may have to leave: of one group alone its own people, else everybody known."""
    groups = StagedTeam.objects.filter(run=run, is_in_scope=True).values("group_id")
    seats = GroupMembership.objects.filter(target=OuterRef("target"), is_active=True)
    links = TargetLink.objects.filter(connection=run.connection)
    if run.group_id:
        links = links.filter(Exists(seats.filter(group_id=run.group_id)))
    else:
        links = links.filter(Q(gone_at=None) | Exists(seats.filter(group_id__in=groups)))
    return set(links.values_list("integration_id", flat=True))


def _rivals(run: SyncRun) -> set[str]:
    keys = StagedPerson.objects.filter(run=run, email_key=OuterRef("target__email_key"))
    links = TargetLink.objects.filter(Exists(keys), connection=run.connection)
    return set(links.values_list("integration_id", flat=True))
