"""One page into staging: rows and the place to go on from, in one transaction."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from django.db import models

from integrations.contract.provider import Session
from integrations.contract.records import FIELD_LENGTHS, Page, PersonRecord, Rejected
from integrations.models import StagedPerson, SyncRun
from integrations.sync import journal, store
from integrations.sync.erased import without_erased
from integrations.sync.field_rules import obeying


def following_cursor(run: SyncRun, start: int, page: Page[Any], **added: int) -> dict[str, Any]:
    cursor = dict(run.cursor)
    cursor["start"] = 0 if page.is_last else start + page.received
    for name, number in added.items():
        cursor[name] = cursor.get(name, 0) + number
    return cursor


def commit(
    run: SyncRun,
    session: Session,
    phase: str,
    cursor: dict[str, Any],
    rows: Sequence[models.Model] = (),
) -> None:
    """Call it first in the transaction whose rows it fences."""
    count_calls(run, session)
    journal.checkpoint(run, phase=phase, cursor=cursor, calls=run.calls)
    store.insert(rows)


def count_calls(run: SyncRun, session: Session | None) -> None:
    """Add the calls made since last time to `run.calls` (unsaved)."""
    if session is None:
        return
    run.calls += session.calls
    session.calls = 0


def staged_person(run: SyncRun, read: PersonRecord) -> StagedPerson:
    record = obeying(without_erased(run, read), run.field_rules)
    return StagedPerson(
        run_id=run.pk,
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


#: The order of `person_values`.
PERSON_NAMES = (
    "run_id",
    "integration_id",
    "email",
    "email_key",
    "email_problem",
    "raw_email",
    "is_active",
    "is_readable",
    "notes",
    "fingerprint",
    *FIELD_LENGTHS,
)
NO_FIELDS = ("",) * len(FIELD_LENGTHS)


def person_values(run: SyncRun, read: PersonRecord) -> tuple[Any, ...]:
    record = obeying(without_erased(run, read), run.field_rules)
    notes = [[note.code, note.field, note.value] for note in record.notes]
    return (
        run.pk,
        record.integration_id,
        record.email,
        record.email_key,
        record.email_problem,
        record.raw_email,
        record.is_active,
        True,
        json.dumps(notes) if notes else "[]",
        record.fingerprint,
        *record.fields.values(),
    )


def unreadable_values(run: SyncRun, rejected: Rejected) -> tuple[Any, ...]:
    notes = json.dumps([["UNREADABLE", "", rejected.reason]])
    head = (run.pk, rejected.integration_id, "", "", "", "", False, False, notes, "")
    return (*head, *NO_FIELDS)


def unreadable_person(run: SyncRun, rejected: Rejected) -> StagedPerson:
    return StagedPerson(
        run_id=run.pk,
        integration_id=rejected.integration_id,
        is_active=False,
        is_readable=False,
        notes=[["UNREADABLE", "", rejected.reason]],
    )
