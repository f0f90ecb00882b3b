"""Reads what changed since the mirror was read, and puts it in.

The lists of changes may repeat, reorder or leave out rows, and nothing tells of deleted people: the
newest row of each person and pair counts, the number of people is compared with the provider's own, and
whatever does not fit leads to the complete reading. Each function makes one call.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from integrations.contract.errors import (
    BudgetEmpty,
    Credentials,
    Fatal,
    IntegrationError,
    Missing,
    Retryable,
)
from integrations.contract.provider import Session
from integrations.contract.records import MoveRecord, Page
from integrations.models import (
    Mirror,
    Phase,
    StagedMove,
    StagedPerson,
    SyncRun,
)
from integrations.sync import changed_people, comparing, journal, mirroring, store, ways
from integrations.sync.pages import commit, staged_person

#: More people than these are not asked for one by one.
MOST_ASKED, MOST_LANGUAGES, FEW_NEW = 25, 10, 2
PARTS = ("PEOPLE", "MOVES", "NEW", "ONE", "COUNT")


def read_changes(run: SyncRun, session: Session) -> str:
    try:
        READERS[run.cursor["part"]](run, session)
    except IntegrationError as error:
        if not _is_the_lists_fault(error, run.attempts):
            raise
        refuse(run, session, error.code)
    return run.phase


def _is_the_lists_fault(error: IntegrationError, attempts: int) -> bool:
    if isinstance(error, Credentials):
        return error.code == "not_permitted"
    if isinstance(error, Retryable):
        is_throttle = isinstance(error, BudgetEmpty) or error.code == "throttled"
        return attempts > 1 and not is_throttle
    return isinstance(error, Fatal | Missing)


def refuse(run: SyncRun, session: Session, why: str) -> None:
    """Everything is read instead."""
    is_shadow = run.cursor["shadow"]
    kept = ("began", "lists_changes", "unreadable_lists")
    cursor = {name: run.cursor[name] for name in kept if name in run.cursor}
    reading = {**run.reading, "why": why, "way": "ALL", "calls": run.reading["ways"]["ALL"]}
    if is_shadow:
        reading = {**run.reading, "shadow": {"refused": why}}
    with transaction.atomic():
        commit(run, session, Phase.CHANGES, cursor if is_shadow else {**cursor, "refused": why})
        journal.checkpoint(run, mirror=None, reading=reading)
        _forget_what_was_read(run)
        ways.read_people(run)


def _forget_what_was_read(run: SyncRun) -> None:
    StagedPerson.objects.filter(run=run).delete()
    StagedMove.objects.filter(run=run).delete()


def _window(run: SyncRun) -> tuple[datetime, datetime]:
    since, to = run.cursor["windows"][run.cursor["window"]]
    return datetime.fromisoformat(since), datetime.fromisoformat(to)


def _after(run: SyncRun, page: Page[Any]) -> dict[str, Any]:
    cursor = dict(run.cursor)
    cursor["start"] = 0 if page.is_last else cursor["start"] + page.received
    if page.is_last:
        cursor["window"] += 1
    if cursor["window"] == len(cursor["windows"]):
        cursor["window"] = 0
        cursor["part"] = PARTS[PARTS.index(cursor["part"]) + 1]
    return cursor


def _read_people(run: SyncRun, session: Session) -> None:
    page = session.read_changed_people(*_window(run), run.cursor["start"])
    if any(not one.integration_id for one in page.rejected):
        raise Fatal("unreadable")
    with transaction.atomic():
        cursor = _after(run, page)
        found = changed_people.newest(run, page, cursor)
        cursor["changed"] += len(found)
        commit(run, session, Phase.CHANGES, cursor)
        _put(run, found)


def _put(run: SyncRun, rows: list[StagedPerson]) -> None:
    ids = [row.integration_id for row in rows]
    StagedPerson.objects.filter(run=run, integration_id__in=ids).delete()
    store.insert(rows)


def _read_moves(run: SyncRun, session: Session) -> None:
    page = session.read_moves(*_window(run), run.cursor["start"])
    if page.rejected:
        raise Fatal("unreadable")
    with transaction.atomic():
        cursor = _after(run, page)
        rows = _newest_moves(run, page.records)
        cursor["changed"] += len(rows)
        if cursor["part"] == "NEW" and changed_people.unread(run).count() <= FEW_NEW:
            cursor["part"] = "ONE"
        commit(run, session, Phase.CHANGES, cursor)
        people = {row.person_id for row in rows}
        pairs = {(row.team_id, row.person_id) for row in rows}
        for row in StagedMove.objects.filter(run=run, person_id__in=people):
            if (row.team_id, row.person_id) in pairs:
                row.delete()
        store.insert(rows)


def _newest_moves(run: SyncRun, records: Iterable[MoveRecord]) -> list[StagedMove]:
    newest: dict[tuple[str, str], MoveRecord] = {}
    for record in records:
        pair = (record.team_id, record.person_id)
        if pair not in newest or newest[pair].changed_at <= record.changed_at:
            newest[pair] = record
    people = {person for _, person in newest}
    before = StagedMove.objects.filter(run=run, person_id__in=people)
    known = {(row.team_id, row.person_id): row.changed_at for row in before}
    return [
        StagedMove(
            run=run,
            team_id=record.team_id,
            person_id=record.person_id,
            is_member=record.is_member,
            changed_at=record.changed_at,
        )
        for pair, record in newest.items()
        if pair not in known or known[pair] < record.changed_at
    ]


def _read_new(run: SyncRun, session: Session) -> None:
    """Full records of those created since, of whom the list of changes leaves fields out."""
    since = datetime.fromisoformat(run.cursor["windows"][0][0])
    page = session.read_new_people(since, run.cursor["start"])
    cursor = dict(run.cursor)
    cursor["start"] = 0 if page.is_last else cursor["start"] + page.received
    if page.is_last:
        cursor["part"] = "ONE"
    with transaction.atomic():
        commit(run, session, Phase.CHANGES, cursor)
        _put(run, changed_people.completed(run, page.records))


def _ask_for_one(run: SyncRun, session: Session) -> None:
    """Whoever can't be known from the lists: asked for by id, those who came back with their teams."""
    strangers = set(_unknown_movers(run))
    back = set(run.cursor.get("back", []))
    unread = set(changed_people.unread(run).values_list("integration_id", flat=True))
    languages = run.cursor.get("languages", [])
    wanted = strangers | back | unread
    wanted |= set(languages if len(languages) <= MOST_LANGUAGES else ())
    asked = run.cursor.get("asked", [])
    left = sorted(wanted - set(asked))
    if len(left) + len(asked) > MOST_ASKED + MOST_LANGUAGES:
        refuse(run, session, "TOO_MANY")
    elif left:
        _ask(run, session, left[0], with_teams=left[0] in strangers | back)
    else:
        journal.checkpoint(run, cursor={**run.cursor, "part": "COUNT"})


def _ask(run: SyncRun, session: Session, person_id: str, *, with_teams: bool) -> None:
    record = session.find_person(person_id)
    teams = session.read_teams_of(person_id) if record and with_teams else ()
    cursor = {**run.cursor, "asked": [*run.cursor.get("asked", []), person_id]}
    if record is None:
        cursor["gone"] = [*run.cursor.get("gone", []), person_id]
    before = StagedPerson.objects.filter(run=run, integration_id=person_id)
    changed_at = before.values_list("changed_at", flat=True).first()
    moves = StagedMove.objects.filter(run=run, person_id=person_id)
    with transaction.atomic():
        commit(run, session, Phase.CHANGES, cursor)
        before.delete()
        if record:
            row = staged_person(run, record)
            row.changed_at = changed_at
            store.insert([row])
        if with_teams or record is None:
            moves.delete()
        store.insert([_joined(run, team.integration_id, person_id) for team in teams])


def _joined(run: SyncRun, team_id: str, person_id: str) -> StagedMove:
    return StagedMove(
        run=run, team_id=team_id, person_id=person_id, is_member=True, changed_at=ways.now()
    )


def _unknown_movers(run: SyncRun) -> QuerySet[StagedMove, str]:
    known = StagedPerson.objects.filter(
        run_id__in=(run.pk, run.cursor["base"]), integration_id=OuterRef("person_id")
    )
    moves = StagedMove.objects.filter(~Exists(known), run=run, is_member=True)
    return moves.values_list("person_id", flat=True)


def _count(run: SyncRun, session: Session) -> None:
    """A number that does not fit is looked into once more: somebody may have come meanwhile."""
    total = session.count_people()
    mirror = Mirror.objects.get(connection=run.connection)
    known = _people_by_now(run)
    if known + mirror.nameless != total:
        _look_again(run, session)
        return
    cursor = {**run.cursor, "total": total, "received": known, "nameless": mirror.nameless}
    with transaction.atomic():
        commit(run, session, Phase.CHANGES, cursor)
        mirroring.fold(run)
        _go_on(run)


def _people_by_now(run: SyncRun) -> int:
    base, gone = run.cursor["base"], run.cursor.get("gone", [])
    before = StagedPerson.objects.filter(run_id=base).exclude(integration_id__in=gone)
    there = before.filter(integration_id=OuterRef("integration_id"))
    return before.count() + StagedPerson.objects.filter(~Exists(there), run=run).count()


def _look_again(run: SyncRun, session: Session) -> None:
    if run.cursor.get("again"):
        refuse(run, session, "COUNT")
        return
    cursor = {**run.cursor, "again": True, "part": "PEOPLE", "start": 0, "window": 0, "changed": 0}
    for name in ("asked", "gone", "back", "languages"):
        cursor.pop(name, None)
    with transaction.atomic():
        commit(run, session, Phase.CHANGES, cursor)
        _forget_what_was_read(run)


def _go_on(run: SyncRun) -> None:
    """Only teams that the mirror never had are left to read; as a shadow, everything is."""
    if not run.cursor["shadow"]:
        journal.checkpoint(run, phase=Phase.MEMBERS, cursor={**run.cursor, "is_whole": True})
        return
    kept = ("began", "lists_changes", "unreadable_lists", "shadow", "base", "changed")
    cursor = {name: run.cursor[name] for name in kept if name in run.cursor}
    journal.checkpoint(run, cursor=cursor)
    ways.read_people(run)


READERS: dict[str, Callable[[SyncRun, Session], None]] = {
    "PEOPLE": _read_people,
    "MOVES": _read_moves,
    "NEW": _read_new,
    "ONE": _ask_for_one,
    "COUNT": _count,
    "COMPARE": comparing.compare,
}
