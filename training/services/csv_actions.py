"""Actions from a CSV: each row by itself, good or with what is wrong with it."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, field
from datetime import datetime

from django.utils import timezone

from training.services.rows import QUOTED, BadRow, read_row
from training.services.taking import NewAction

MOST_ROWS = 10_000
NEEDED = ("email", "action", "time")
COLUMNS = {"email": "email", "kind": "action", "happened_at": "time", "id": "id"}
TRUE, FALSE = ("yes", "true", "1"), ("", "no", "false", "0")


class BadFile(ValueError):
    """No row of it can be read; the message says why."""


@dataclass(frozen=True, slots=True)
class RowError:
    line: int
    told: str


@dataclass(slots=True)
class ReadActions:
    actions: list[NewAction] = field(default_factory=list)
    errors: list[RowError] = field(default_factory=list)


def read_actions(text: str, *, now: datetime | None = None) -> ReadActions:
    """The first line names the columns: email, action, time, and where wanted bot and id. Raises
    BadFile."""
    moment = now or timezone.now()
    first_line = text.lstrip("\ufeff").partition("\n")[0]
    delimiter = ";" if first_line.count(";") > first_line.count(",") else ","
    rows = csv.DictReader(io.StringIO(text.lstrip("\ufeff")), delimiter=delimiter, strict=True)
    found = ReadActions()
    try:
        _check_names(rows)
        for row in rows:
            if len(found.actions) + len(found.errors) >= MOST_ROWS:
                raise BadFile(f"More than {MOST_ROWS:,} rows. Split the file.")
            _read(row, rows.line_num, moment, found)
    except csv.Error as error:
        raise BadFile(f"Line {rows.line_num}: not CSV ({error}).") from None
    return found


def _check_names(rows: csv.DictReader[str]) -> None:
    rows.fieldnames = [name.strip().casefold() for name in rows.fieldnames or ()]
    missing = [name for name in NEEDED if name not in rows.fieldnames]
    if missing:
        raise BadFile(f"The first line names no column {', '.join(missing)}.")


def _read(row: dict[str, str | None], line: int, now: datetime, found: ReadActions) -> None:
    try:
        cells: dict[str, object] = {name: row.get(column) or "" for name, column in COLUMNS.items()}
        cells["is_bot"] = _is_bot(row.get("bot") or "")
        found.actions.append(read_row(cells, now=now))
    except BadRow as error:
        found.errors.append(RowError(line, str(error)))


def _is_bot(text: str) -> bool:
    bot = text.strip().casefold()
    if bot not in (*TRUE, *FALSE):
        raise BadRow("is_bot", f"“{bot[:QUOTED]}” is neither yes nor no.")
    return bot in TRUE
