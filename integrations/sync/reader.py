"""Reads Litmos page by page into staging: one transaction a page = rows + checkpoint.

No HTTP inside a transaction, no transaction across pages; a page read twice changes nothing.
Each function reads one page and returns the phase that comes next.
"""

from __future__ import annotations

from collections.abc import Iterator

from django.db import transaction

from integrations.contract.provider import Session
from integrations.models import Phase, StagedCourse, StagedPerson, StagedTeam, SyncRun
from integrations.sync import journal, singles, store, ways
from integrations.sync.ahead import Ahead, Ask
from integrations.sync.pages import (
    PERSON_NAMES,
    commit,
    following_cursor,
    person_values,
    unreadable_values,
    with_untold,
)
from integrations.sync.scope import scope_of

#: So often, at most, the list of people is read while its rows move from page to page.
PASSES = 5
#: A list that has less than this of what it had before is not added to what it had.
SHRUNK = 0.9


def read_teams(run: SyncRun, session: Session) -> str:
    start = run.cursor.get("start", 0)
    page = session.read_teams(start)
    rows = [
        StagedTeam(run=run, integration_id=r.integration_id, name=r.name, parent_id=r.parent_id)
        for r in page.records
    ]
    cursor = following_cursor(run, start, page, unreadable_lists=len(page.rejected))
    cursor.setdefault("began", ways.now().isoformat())
    with transaction.atomic():
        commit(run, session, Phase.TEAMS, cursor, rows)
        if page.is_last:
            ways.set_out(run, session)
    return run.phase


def read_people(run: SyncRun, ahead: Ahead) -> str:
    """First the provider's own total; then page by page, or one by one where that is fewer calls."""
    session = ahead.session
    if "total" not in run.cursor:
        return _count(run, ahead)
    if run.cursor.get("singles"):
        return singles.read_single(run, ahead)
    start = run.cursor.get("start", 0)
    page = ahead.read(_page_from(start), _pages_after(run, session.page_size))
    rows = [person_values(run, record) for record in with_untold(run, page.records)]
    rows += [unreadable_values(run, one) for one in page.rejected if one.integration_id]
    nameless = sum(1 for rejected in page.rejected if not rejected.integration_id)
    cursor = following_cursor(run, start, page, nameless=nameless, received=page.received)
    with transaction.atomic():
        commit(run, session, Phase.PEOPLE, cursor)
        store.put(StagedPerson, PERSON_NAMES, rows)
        if page.is_last:
            _end_pass(run)
    return run.phase


def _page_from(start: int) -> Ask:
    return "read_people", (start,)


def _pages_after(run: SyncRun, size: int) -> Iterator[Ask]:
    """As long as pages come full; of the first one that is not known yet."""
    start = run.cursor.get("start", 0)
    if start and start % size == 0:
        yield from map(_page_from, range(start + size, run.cursor["total"], size))


def _count(run: SyncRun, ahead: Ahead) -> str:
    """The first page comes along, unless people may turn out to be read one by one."""
    is_narrow = scope_of(run).is_narrow
    total = ahead.read(("count_people", ()), [] if is_narrow else [_page_from(0)])
    cursor = {**run.cursor, "total": total}
    is_first = cursor.get("pass", 1) == 1
    with transaction.atomic():
        commit(run, ahead.session, Phase.PEOPLE, cursor)
        if is_first and is_narrow:
            singles.prefer(run, ahead.session, total)
    return run.phase


def _end_pass(run: SyncRun) -> None:
    """Compare with the total. Rows that moved while paging may have been missed: then the list is read once
    more, and what it has is added; one that shrank meanwhile starts from nothing."""
    cursor = dict(run.cursor)
    read_passes, received = cursor.get("pass", 1), cursor["received"]
    most = max(received, cursor.get("most_received", 0))
    if received < SHRUNK * most:
        StagedPerson.objects.filter(run=run).delete()
        most, is_whole, is_again = 0, False, True
    else:
        staged = StagedPerson.objects.filter(run=run).count() + cursor.get("nameless", 0)
        is_whole = staged >= cursor["total"]
        is_again = not is_whole or (read_passes == 1 and received > staged)
    if is_again and read_passes < PASSES:
        cursor.pop("total")
        cursor |= {"pass": read_passes + 1, "most_received": most}
        cursor |= {"start": 0, "received": 0, "nameless": 0}
        journal.checkpoint(run, phase=Phase.PEOPLE, cursor=cursor)
        return
    cursor.update({"start": 0, "is_whole": is_whole})
    journal.checkpoint(run, cursor=cursor)
    if scope_of(run).is_narrow:
        ways.leave_people(run)
    else:
        journal.checkpoint(run, phase=Phase.MEMBERS)


def courses_page(run: SyncRun) -> Ask:
    return "read_courses", (run.cursor.get("courses_start", 0),)


def read_courses_page(run: SyncRun, ahead: Ahead, phase: str = Phase.COURSES) -> str:
    """A page that came before its turn leaves the run in its `phase`."""
    page = ahead.read(courses_page(run))
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
    cursor = dict(run.cursor)
    cursor["courses_read"] = page.is_last
    added = {
        "courses_start": page.received,
        "courses_received": page.received,
        "unreadable_lists": len(page.rejected),
    }
    for name, number in added.items():
        cursor[name] = cursor.get(name, 0) + number
    following = Phase.CONFIRM if page.is_last and phase == Phase.COURSES else phase
    with transaction.atomic():
        commit(run, ahead.session, following, cursor, rows)
    return following
