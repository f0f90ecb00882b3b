"""Reads Litmos page by page into staging: one transaction a page = rows + checkpoint.

No HTTP inside a transaction, no transaction across pages; a page read twice changes nothing.
Each function reads one page and returns the phase that comes next.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import models, transaction

from integrations.contract.errors import Missing
from integrations.contract.provider import Session
from integrations.contract.records import Page, PersonRecord, Rejected
from integrations.models import (
    GroupLink,
    Phase,
    StagedCourse,
    StagedMember,
    StagedPerson,
    StagedTeam,
    SyncRun,
    TargetLink,
)
from integrations.sync import journal, store
from integrations.sync.field_rules import obeying
from integrations.sync.scope import reads_courses, scope_of

PASSES = 2
PEOPLE_A_CALL = 1000


def read_teams(run: SyncRun, session: Session) -> str:
    start = run.cursor.get("start", 0)
    page = session.read_teams(start)
    rows = [
        StagedTeam(run=run, integration_id=r.integration_id, name=r.name, parent_id=r.parent_id)
        for r in page.records
    ]
    following: str = _after_teams(run) if page.is_last else Phase.TEAMS
    cursor = _next(run, start, page, unreadable_lists=len(page.rejected))
    with transaction.atomic():
        _commit(run, session, following, cursor, rows)
        if page.is_last:
            _mark_scope(run)
            journal.checkpoint(run, phase=following, reading=_reading(run))
    if following == Phase.PEOPLE and not StagedTeam.objects.filter(
        run_id=run.staging_id, is_in_scope=True
    ):
        return _after_people(run)
    return following


def _reading(run: SyncRun) -> dict[str, Any]:
    """The calls that are certain: what was made, then the pages of the people known from before, their
    count, each team's members and the courses. For one person: the person and their teams."""
    if run.person_id:
        return {"way": "PERSON", "calls": run.calls + 2}
    teams = StagedTeam.objects.filter(
        run_id=run.staging_id, is_in_scope=True, is_listed=True
    ).count()
    known = TargetLink.objects.filter(connection=run.connection, gone_at=None).count()
    people = max(1, -(-known // PEOPLE_A_CALL)) + 1 + teams if teams else 0
    return {"way": "ALL", "teams": teams, "calls": run.calls + people + reads_courses(run)}


def _after_teams(run: SyncRun) -> str:
    return Phase.PERSON if run.person_id else Phase.PEOPLE


def _mark_scope(run: SyncRun) -> None:
    scope = scope_of(run)
    links = {
        link.integration_id: link
        for link in GroupLink.objects.filter(connection=run.connection).select_related("group")
    }
    staged = list(StagedTeam.objects.filter(run_id=run.staging_id))
    for team in staged:
        link = links.pop(team.integration_id, None)
        team.is_in_scope = scope.wants(team.integration_id, link)
        team.group_id = link.group_id if link else None
    StagedTeam.objects.bulk_update(staged, ["is_in_scope", "group_id"], batch_size=500)
    StagedTeam.objects.bulk_create(
        StagedTeam(
            run_id=run.staging_id,
            integration_id=link.integration_id,
            name=link.remote_name,
            group_id=link.group_id,
            is_in_scope=link.gone_at is None,
            is_listed=False,
        )
        for link in links.values()
        if scope.wants(link.integration_id, link)
    )


def _after_people(run: SyncRun) -> str:
    following: str = Phase.COURSES if reads_courses(run) else Phase.CONFIRM
    journal.checkpoint(run, phase=following, cursor=_kept(run))
    return following


def read_people(run: SyncRun, session: Session) -> str:
    start = run.cursor.get("start", 0)
    page = session.read_people(start)
    rows = [staged_person(run, record) for record in page.records]
    rows += [_unreadable(run, rejected) for rejected in page.rejected if rejected.integration_id]
    nameless = sum(1 for rejected in page.rejected if not rejected.integration_id)
    cursor = _next(run, start, page, nameless=nameless, received=page.received)
    following: str = Phase.PEOPLE
    if page.is_last:
        cursor["counting"] = True
    with transaction.atomic():
        _commit(run, session, following, cursor, rows)
    return following


def count_people(run: SyncRun, session: Session) -> str:
    """Compare with Litmos's own total; rows that moved while paging are read a second time."""
    total = session.count_people()
    staged = StagedPerson.objects.filter(run_id=run.staging_id).count()
    cursor = dict(run.cursor)
    cursor.pop("counting")
    read_passes = cursor.get("pass", 1)
    nameless = cursor.get("nameless", 0)
    has_repeats = cursor.get("received", 0) > (staged + nameless)
    is_whole = staged + nameless >= total
    if read_passes < PASSES and (has_repeats or not is_whole):
        cursor.update({"pass": read_passes + 1, "start": 0, "received": 0, "nameless": 0})
        following: str = Phase.PEOPLE
    else:
        cursor.update({"start": 0, "is_whole": is_whole, "total": total})
        following = Phase.MEMBERS
    with transaction.atomic():
        _commit(run, session, following, cursor, [])
    return following


def read_members(run: SyncRun, session: Session) -> str:
    team = (
        StagedTeam.objects.filter(
            run_id=run.staging_id, is_in_scope=True, is_read=False, is_listed=True
        )
        .order_by("pk")
        .first()
    )
    if team is None:
        return _after_people(run)
    rows: list[models.Model] = []
    place = run.cursor.get("members", {})
    try:
        page = session.read_members(team.integration_id, team.members_read)
    except Missing:
        place = _leave_alone(team)
    else:
        rows = [
            StagedMember(run_id=run.staging_id, team_id=team.integration_id, person_id=person_id)
            for person_id in page.records
        ]
        place = _next_members(team, page, place)
    with transaction.atomic():
        _commit(run, session, Phase.MEMBERS, {**run.cursor, "members": place}, rows)
        team.save(update_fields=["members_read", "is_read", "is_missing", "is_in_scope"])
    return Phase.MEMBERS


def _next_members(team: StagedTeam, page: Page[str], place: dict[str, Any]) -> dict[str, Any]:
    """Pages overlap by one row: if it is not there, the list got shorter meanwhile and rows were missed.
    `place` is {"last": that row, "again": how often the list was begun anew}."""
    if place.get("last") and place["last"] not in page.records:
        return _members_again(team, place)
    team.is_read = page.is_last
    overlap = 1 if page.received > 1 and not page.rejected else 0
    team.members_read += page.received - overlap
    last = page.records[-1] if overlap else ""
    return {} if page.is_last else {"last": last, "again": place.get("again", 0)}


def _members_again(team: StagedTeam, place: dict[str, Any]) -> dict[str, Any]:
    if place["again"]:
        return _leave_alone(team)
    team.members_read = 0
    return {"last": "", "again": 1}


def _leave_alone(team: StagedTeam) -> dict[str, Any]:
    """Nobody is taken for having left a team whose members could not be read."""
    team.is_read, team.is_missing, team.is_in_scope = True, True, False
    return {}


def read_courses_page(run: SyncRun, session: Session) -> str:
    start = run.cursor.get("start", 0)
    page = session.read_courses(start)
    rows = [
        StagedCourse(
            run=run,
            integration_id=r.integration_id,
            name=r.name,
            code=r.code,
            description=r.description,
            is_active=r.is_active,
        )
        for r in page.records
    ]
    following: str = Phase.CONFIRM if page.is_last else Phase.COURSES
    cursor = _next(
        run,
        start,
        page,
        courses_received=page.received,
        unreadable_lists=len(page.rejected),
    )
    with transaction.atomic():
        _commit(run, session, following, cursor, rows)
    return following


def staged_person(run: SyncRun, read: PersonRecord) -> StagedPerson:
    record = obeying(read, run.field_rules)
    return StagedPerson(
        run=run,
        integration_id=record.integration_id,
        email=record.email,
        email_key=record.email_key,
        email_problem=record.email_problem,
        raw_email=record.raw_email,
        is_active=record.is_active,
        notes=[[note.code, note.field, note.value] for note in record.notes],
        fingerprint=record.fingerprint,
        **record.fields,
    )


def _unreadable(run: SyncRun, rejected: Rejected) -> StagedPerson:
    return StagedPerson(
        run=run,
        integration_id=rejected.integration_id,
        is_active=False,
        is_readable=False,
        notes=[["UNREADABLE", "", rejected.reason]],
    )


def _next(run: SyncRun, start: int, page: Page[Any], **added: int) -> dict[str, Any]:
    cursor = dict(run.cursor)
    cursor["start"] = 0 if page.is_last else start + page.received
    for name, number in added.items():
        cursor[name] = cursor.get(name, 0) + number
    return cursor


def _kept(run: SyncRun) -> dict[str, Any]:
    return {**run.cursor, "start": 0}


def _commit(
    run: SyncRun,
    session: Session,
    phase: str,
    cursor: dict[str, Any],
    rows: Sequence[models.Model],
) -> None:
    count_calls(run, session)
    journal.checkpoint(run, phase=phase, cursor=cursor, calls=run.calls)
    store.insert(rows)


def count_calls(run: SyncRun, session: Session | None) -> None:
    """Add the calls made since last time to `run.calls` (unsaved)."""
    if session is None:
        return
    run.calls += session.calls
    session.calls = 0
