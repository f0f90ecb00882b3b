"""The rows of the list of changed people, as staged rows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from django.db.models import QuerySet

from integrations.contract.records import (
    ChangedPerson,
    Page,
    PersonRecord,
    Rejected,
    fingerprint_of,
)
from integrations.contract.records import Note as NoteRecord
from integrations.models import StagedPerson, SyncRun
from integrations.sync.pages import staged_person, unreadable_person

NOT_READ_YET = "only known from the list of changes"
#: Enough to see that they are too many to ask for.
LONGEST_LIST = 50


def newest(run: SyncRun, page: Page[ChangedPerson], cursor: dict[str, Any]) -> list[StagedPerson]:
    """Rows newer than what is staged and mirrored. The cursor is told who came `back`, so that their teams
    are unknown, and whose `languages` the list left out."""
    latest = _latest(page.records)
    ids = [*latest, *(one.integration_id for one in page.rejected)]
    mirrored = _by_id(run.cursor["base"], ids)
    staged = _by_id(run.pk, ids)
    rows = [
        unreadable_person(run, Rejected(one.integration_id, NOT_READ_YET)) for one in page.rejected
    ]
    for person_id, changed in latest.items():
        known = mirrored.get(person_id)
        if _is_old(changed, known) or _is_old(changed, staged.get(person_id)):
            continue
        rows.append(_staged(run, changed, known))
        if known and known.is_readable and not known.is_active and changed.person.is_active:
            _add(cursor, "back", person_id)
        if known and changed.lacks:
            _add(cursor, "languages", person_id)
    return rows


def _latest(records: Iterable[ChangedPerson]) -> dict[str, ChangedPerson]:
    found: dict[str, ChangedPerson] = {}
    for record in records:
        key = record.person.integration_id
        if key not in found or found[key].changed_at <= record.changed_at:
            found[key] = record
    return found


def _by_id(run_id: int, ids: Iterable[str]) -> dict[str, StagedPerson]:
    rows = StagedPerson.objects.filter(run_id=run_id, integration_id__in=ids)
    return {row.integration_id: row for row in rows}


def _is_old(changed: ChangedPerson, row: StagedPerson | None) -> bool:
    return bool(row and row.changed_at and row.changed_at >= changed.changed_at)


def _add(cursor: dict[str, Any], name: str, person_id: str) -> None:
    ids = cursor.setdefault(name, [])
    if person_id not in ids and len(ids) < LONGEST_LIST:
        cursor[name] = [*ids, person_id]


def _staged(run: SyncRun, changed: ChangedPerson, known: StagedPerson | None) -> StagedPerson:
    """What the list leaves out stays as it was known; of somebody new nothing is, so they are read."""
    if changed.lacks and known is None:
        rejected = Rejected(changed.person.integration_id, NOT_READ_YET)
        row = unreadable_person(run, rejected)
    else:
        row = staged_person(run, _filled(changed, known))
    row.changed_at = changed.changed_at
    return row


def _filled(changed: ChangedPerson, known: StagedPerson | None) -> PersonRecord:
    person = changed.person
    if not changed.lacks or known is None:
        return person
    kept = {name: getattr(known, name) for name in changed.lacks}
    fields = {**person.fields, **kept}
    notes = tuple(NoteRecord(*note) for note in known.notes if note[1] in changed.lacks)
    fingerprint = fingerprint_of(person.email, fields)
    return replace(
        person,
        fields=fields,
        notes=person.notes + notes,
        fingerprint=fingerprint,
        lacks=frozenset(),
    )


def unread(run: SyncRun) -> QuerySet[StagedPerson]:
    return StagedPerson.objects.filter(run=run, is_readable=False)


def completed(run: SyncRun, records: Iterable[PersonRecord]) -> list[StagedPerson]:
    """Full records of those whose rows wait for them, and of those that no list had."""
    people = {record.integration_id: record for record in records}
    staged = _by_id(run.pk, people)
    mirrored = _by_id(run.cursor["base"], people)
    rows = []
    for person_id, record in people.items():
        waiting = staged.get(person_id)
        is_new = waiting is None and person_id not in mirrored
        if is_new or (waiting and not waiting.is_readable):
            row = staged_person(run, record)
            row.changed_at = waiting.changed_at if waiting else None
            rows.append(row)
    return rows
