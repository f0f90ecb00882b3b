"""Somebody who was erased is read as nobody: an id, so that the reading is known to be whole, and no more."""

from __future__ import annotations

from dataclasses import replace

from integrations.contract.records import FIELD_LENGTHS, PersonRecord, fingerprint_of
from integrations.models import SyncRun

NOTHING = dict.fromkeys(FIELD_LENGTHS, "")


def without_erased(run: SyncRun, record: PersonRecord) -> PersonRecord:
    if not is_erased(run, record):
        return record
    return replace(
        record,
        email="",
        email_key="",
        raw_email="",
        email_problem="ERASED",
        is_active=False,
        fields=NOTHING,
        fingerprint=fingerprint_of("", NOTHING),
        notes=(),
    )


def is_erased(run: SyncRun, record: PersonRecord) -> bool:
    known = run.suppressed
    if not known.digests:
        return False
    provider = run.connection.provider
    return known.has_email(record.email_key) or known.has_id(provider, record.integration_id)
