"""Writes drafts as Change rows and keeps the run's counts. Call it inside the stage's transaction."""

from __future__ import annotations

import json
from collections.abc import Iterable
from operator import attrgetter
from typing import Any

from integrations.models import Change, SyncRun
from integrations.sync import store
from integrations.sync.digest import digest_of
from integrations.sync.drafts import Draft

BATCH = 1000
MOST_VALUES = 200
EMPTY: dict[type, str] = {dict: "{}", list: "[]"}


#: The draft's attributes, which are columns of the same names; the last ones are JSON.
PLAIN = (
    "kind",
    "action",
    "outcome",
    "reason",
    "integration_id",
    "team_id",
    "target_id",
    "group_id",
    "course_id",
)
AS_JSON = ("reason_args", "team_ids", "before", "after")
NAMES = ("account_id", "run_id", "label", "detail", "digest", *PLAIN, *AS_JSON)
plain_of, json_of = attrgetter(*PLAIN), attrgetter(*AS_JSON)
encoded = json.JSONEncoder().encode


def write(run: SyncRun, rows: Iterable[Draft]) -> int:
    changes = [_values(run, row) for row in rows]
    store.put(Change, NAMES, changes)
    return len(changes)


def _values(run: SyncRun, row: Draft) -> tuple[Any, ...]:
    return (
        run.account_id,
        run.pk,
        row.label[:255],
        row.detail[:255],
        digest_of(row),
        *plain_of(row),
        *(encoded(value) if value else EMPTY[type(value)] for value in json_of(row)),
    )


def count(run: SyncRun, key: str, number: int) -> None:
    if number:
        run.counts[key] = run.counts.get(key, 0) + number


def note_values(run: SyncRun, notes: Iterable[tuple[str, str]]) -> None:
    """Remember values that could not be read, to tell of each once and not once per person."""
    seen = run.cursor.setdefault("values", {})
    for code, value in notes:
        key = f"{code}:{value}"
        if key in seen or len(seen) < MOST_VALUES:
            seen[key] = seen.get(key, 0) + 1
