"""Writes drafts as Change rows and keeps the run's counts. Call it inside the stage's transaction."""

from __future__ import annotations

from collections.abc import Iterable

from integrations.models import Change, SyncRun
from integrations.sync import store
from integrations.sync.digest import digest_of
from integrations.sync.drafts import Draft

BATCH = 1000
MOST_VALUES = 200


def write(run: SyncRun, rows: Iterable[Draft]) -> int:
    changes = [_change(run, row) for row in rows]
    store.insert(changes)
    return len(changes)


def _change(run: SyncRun, row: Draft) -> Change:
    names = Draft.__dataclass_fields__
    values = {name: getattr(row, name) for name in names}
    values["label"], values["detail"] = row.label[:255], row.detail[:255]
    return Change(account_id=run.account_id, run=run, digest=digest_of(row), **values)


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
