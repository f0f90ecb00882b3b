"""Reads who is in each team of a run."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from integrations.contract.errors import Missing
from integrations.contract.records import Page
from integrations.models import Phase, StagedMember, StagedTeam, SyncRun
from integrations.sync import journal, store, ways
from integrations.sync.ahead import Ahead, Ask
from integrations.sync.pages import commit
from integrations.sync.reader import courses_page, read_courses_page


def read_members(run: SyncRun, ahead: Ahead) -> str:
    unread = StagedTeam.objects.filter(
        run_id=run.staging_id, is_in_scope=True, is_read=False, is_listed=True
    )
    teams = list(unread.order_by("pk")[: 1 + ahead.session.most_ahead])
    if not teams:
        return _after_members(run)
    coming = [one for one in teams if ahead.is_coming(_page_of(one))]
    if not coming and ahead.is_coming(courses_page(run)):
        return read_courses_page(run, ahead, Phase.MEMBERS)
    team = (coming or teams)[0]
    rows: list[tuple[int, str, str]] = []
    places = dict(run.cursor.get("members", {}))
    place = places.pop(team.integration_id, {})
    try:
        page = ahead.read(_page_of(team), _upcoming(run, ahead, team, teams))
    except Missing:
        place = _leave_alone(team)
    else:
        rows = [
            (run.staging_id, team.integration_id, person_id)
            for person_id in page.records
            if person_id != place.get("last")
        ]
        place = _next_members(team, page, place)
    if place:
        places[team.integration_id] = place
    with transaction.atomic():
        commit(run, ahead.session, Phase.MEMBERS, {**run.cursor, "members": places})
        store.put(StagedMember, ("run_id", "team_id", "person_id"), rows)
        team.save(update_fields=["members_read", "is_read", "is_missing", "is_in_scope"])
    return Phase.MEMBERS


def _upcoming(run: SyncRun, ahead: Ahead, team: StagedTeam, teams: list[StagedTeam]) -> list[Ask]:
    """The courses come along with the last of the teams."""
    asks = [_page_of(one) for one in teams if one is not team]
    is_end = len(teams) <= ahead.session.most_ahead and "is_whole" in run.cursor
    if is_end and not run.cursor.get("shadow") and ways.after_people(run) == Phase.COURSES:
        asks.append(courses_page(run))
    return asks


def _after_members(run: SyncRun) -> str:
    if "is_whole" in run.cursor:
        return ways.leave_people(run)
    journal.checkpoint(run, phase=Phase.PEOPLE)
    return run.phase


def _page_of(team: StagedTeam) -> Ask:
    return "read_members", (team.integration_id, team.members_read)


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
