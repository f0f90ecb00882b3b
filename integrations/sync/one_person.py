"""Reads one person with their teams: a sync of that person alone, in a few calls."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from integrations.contract.errors import Missing
from integrations.contract.provider import Session
from integrations.contract.records import PersonRecord, TeamRecord
from integrations.models import Phase, StagedMember, StagedTeam, SyncRun, TargetLink
from integrations.sync import journal, store
from integrations.sync.erased import without_erased
from integrations.sync.pages import count_calls, staged_person


def read_person(run: SyncRun, session: Session) -> str:
    """Whom Litmos does not know by this id is gone: there is no list that could have missed them."""
    found = session.find_person(run.person_id)
    record = without_erased(run, found) if found else None
    teams = _teams_of(session, run.person_id) if record else ()
    rival = _rival(run, session, record) if record else None
    run.evidence = [_found(record), *([_in_scope(run, teams)] if record else [])]
    read = [person for person in (record, rival) if person]
    members = [_member(run, team) for team in teams if record and record.is_active]
    cursor = {"is_whole": True, "asked": [run.person_id], "stage": "ONE", "after": 0}
    count_calls(run, session)
    with transaction.atomic():
        journal.checkpoint(
            run, phase=Phase.PLAN, cursor=cursor, calls=run.calls, evidence=run.evidence
        )
        store.insert([staged_person(run, person) for person in read])
        store.insert(members)
        _leave_alone_what_is_not_listed(run)
    return Phase.PLAN


def _teams_of(session: Session, person_id: str) -> tuple[TeamRecord, ...]:
    try:
        return session.read_teams_of(person_id)
    except Missing:
        return ()


def _rival(run: SyncRun, session: Session, record: PersonRecord) -> PersonRecord | None:
    """The person whose target has this e-mail address: only if they are gone is it free."""
    if not record.email_key:
        return None
    links = TargetLink.objects.filter(
        connection=run.connection, target__email_key=record.email_key
    ).exclude(integration_id=run.person_id)
    link = links.first()
    return session.find_person(link.integration_id) if link else None


def _member(run: SyncRun, team: TeamRecord) -> StagedMember:
    return StagedMember(run=run, team_id=team.integration_id, person_id=run.person_id)


def _leave_alone_what_is_not_listed(run: SyncRun) -> None:
    """Whether a team is gone is for a whole sync to find out."""
    StagedTeam.objects.filter(run_id=run.staging_id, is_listed=False).update(is_in_scope=False)


def _found(record: PersonRecord | None) -> dict[str, Any]:
    if record is None:
        return {"step": "FOUND", "passed": False, "code": "NOT_FOUND", "args": {}}
    args = {"name": record.fields["name"], "email": record.email or record.raw_email}
    code = "" if record.is_active else "INACTIVE"
    if record.email_problem == "ERASED":
        code = "ERASED"
    return {"step": "FOUND", "passed": not code, "code": code, "args": args}


def _in_scope(run: SyncRun, teams: tuple[TeamRecord, ...]) -> dict[str, Any]:
    ids = [team.integration_id for team in teams]
    inside = StagedTeam.objects.filter(
        run_id=run.staging_id, is_in_scope=True, integration_id__in=ids
    )
    wanted = set(inside.values_list("integration_id", flat=True))
    args = {
        "inside": sorted(team.name for team in teams if team.integration_id in wanted),
        "outside": sorted(team.name for team in teams if team.integration_id not in wanted),
    }
    return {
        "step": "SCOPE",
        "passed": bool(wanted),
        "code": "" if wanted else ("NO_TEAM" if not teams else "OTHER_TEAMS"),
        "args": args,
    }
