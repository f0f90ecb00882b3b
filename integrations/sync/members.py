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

#: A list that moves while it is read is begun anew so often; then what all the readings have is taken.
MOST_AGAIN = 3


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
        place = leave_alone(team)
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
    """Pages overlap by one row: if it is not there, the list moved meanwhile, and rows may have been missed.
    Then it is read again from its beginning, for what was read before to be added to.

    `place` is {"last": that row, "again": how often the list was begun anew, "rows": read since then, "most":
    before}. A list that gets shorter by its beginning anew is not to be believed."""
    again = place.get("again", 0)
    if place.get("last") and place["last"] not in page.records and again < MOST_AGAIN:
        team.members_read = 0
        most = max(place.get("most", 0), place.get("rows", 0))
        return {"last": "", "again": again + 1, "rows": 0, "most": most}
    overlap = 1 if page.received > 1 and not page.rejected else 0
    rows = place.get("rows", 0) + page.received - (overlap if place.get("last") else 0)
    if page.is_last and rows < place.get("most", 0):
        return leave_alone(team)
    team.is_read = page.is_last
    team.members_read += page.received - overlap
    last = page.records[-1] if overlap else ""
    most = place.get("most", 0)
    return {} if page.is_last else {"last": last, "again": again, "rows": rows, "most": most}


def leave_alone(team: StagedTeam) -> dict[str, Any]:
    """Nobody is taken for having left a team whose members could not be read."""
    team.is_read, team.is_missing, team.is_in_scope = True, True, False
    return {}
