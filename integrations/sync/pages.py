"""One page into staging: rows and the place to go on from, in one transaction."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from django.db import models

from integrations.contract.provider import Session
from integrations.contract.records import (
    FIELD_LENGTHS,
    Page,
    PersonRecord,
    Rejected,
    fingerprint_of,
)
from integrations.models import StagedPerson, SyncRun, TargetLink
from integrations.sync import among, journal, store  # noqa: F401 the lookup
from integrations.sync.erased import without_erased
from integrations.sync.field_rules import obeying
from targets.models import Target


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


def with_untold(run: SyncRun, records: Iterable[PersonRecord]) -> list[PersonRecord]:
    """Fields of which the provider says nothing stay as the targets have them: they are not empty."""
    read = list(records)
    lacking = [record for record in read if record.lacks]
    if not lacking:
        return read
    links = TargetLink.objects.filter(
        connection_id=run.connection_id,
        integration_id__among=[record.integration_id for record in lacking],
    ).select_related("target")
    linked = {link.integration_id: link.target for link in links}
    own = Target.objects.filter(
        account_id=run.account_id, email_key__among=[record.email_key for record in lacking]
    )
    by_email = {target.email_key: target for target in own}
    return [
        _as_known(record, linked.get(record.integration_id) or by_email.get(record.email_key))
        for record in read
    ]


def _as_known(record: PersonRecord, target: Target | None) -> PersonRecord:
    if target is None or not record.lacks:
        return record
    fields = record.fields | {name: getattr(target, name) for name in record.lacks}
    return replace(record, fields=fields, fingerprint=fingerprint_of(record.email, fields))


def staged_person(run: SyncRun, read: PersonRecord) -> StagedPerson:
    [known] = with_untold(run, [read])
    record = obeying(without_erased(run, known), run.field_rules)
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
