"""What becomes of each field of a person: followed, kept as the Portal has it, or left out."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from hashlib import blake2b

from integrations.contract.records import FIELD_LENGTHS, PersonRecord, fingerprint_of
from integrations.models import FieldRule

Rules = Mapping[str, str]


def fields_with(rules: Rules, rule: str) -> frozenset[str]:
    return frozenset(name for name in FIELD_LENGTHS if rules.get(name) == rule)


def obeying(record: PersonRecord, rules: Rules) -> PersonRecord:
    """The record without what is left out, so that it is stored nowhere. With other rules its fingerprint
    is another one, so that everybody is compared anew."""
    if not rules:
        return record
    left_out = fields_with(rules, FieldRule.LEAVE_OUT)
    fields = {name: "" if name in left_out else v for name, v in record.fields.items()}
    mark = json.dumps([fingerprint_of(record.email, fields), *sorted(rules.items())])
    return replace(
        record,
        fields=fields,
        notes=tuple(note for note in record.notes if note.field not in left_out),
        fingerprint=blake2b(mark.encode(), digest_size=32).hexdigest(),
    )
