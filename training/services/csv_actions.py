"""Actions from a CSV: each row by itself, good or with what is wrong with it."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from django.utils import timezone

from training.models import ActionKind
from training.services.taking import NewAction

MOST_ROWS = 10_000
LONGEST_CELL, LONGEST_EMAIL = 1000, 255
NEEDED = ("email", "action", "time")
AHEAD = timedelta(days=1)
TRUE, FALSE = ("yes", "true", "1"), ("", "no", "false", "0")
KINDS = {
    **{kind.label.casefold(): kind for kind in ActionKind},
    **{kind.value.casefold(): kind for kind in ActionKind},
    "clicked link": ActionKind.CLICKED,
    "email opened": ActionKind.OPENED,
    "email sent": ActionKind.SENT,
    "email reported": ActionKind.REPORTED,
}


class BadFile(ValueError):
    """No row of it can be read; the message says why."""


class _BadRow(ValueError):
    pass


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
    latest = (now or timezone.now()) + AHEAD
    first_line = text.lstrip("\ufeff").partition("\n")[0]
    delimiter = ";" if first_line.count(";") > first_line.count(",") else ","
    rows = csv.DictReader(io.StringIO(text.lstrip("\ufeff")), delimiter=delimiter, strict=True)
    found = ReadActions()
    try:
        _check_names(rows)
        for row in rows:
            if len(found.actions) + len(found.errors) >= MOST_ROWS:
                raise BadFile(f"More than {MOST_ROWS:,} rows. Split the file.")
            _read(row, rows.line_num, latest, found)
    except csv.Error as error:
        raise BadFile(f"Line {rows.line_num}: not CSV ({error}).") from None
    return found


def _check_names(rows: csv.DictReader[str]) -> None:
    rows.fieldnames = [name.strip().casefold() for name in rows.fieldnames or ()]
    missing = [name for name in NEEDED if name not in rows.fieldnames]
    if missing:
        raise BadFile(f"The first line names no column {', '.join(missing)}.")


def _read(row: dict[str, str | None], line: int, latest: datetime, found: ReadActions) -> None:
    try:
        found.actions.append(_action(row, latest))
    except _BadRow as error:
        found.errors.append(RowError(line, str(error)))


def _action(row: dict[str, str | None], latest: datetime) -> NewAction:
    email = _cell(row, "email")
    if not 0 < len(email) <= LONGEST_EMAIL or "@" not in email:
        raise _BadRow(f"“{email[:60]}” is not an e-mail address.")
    kind = KINDS.get(_cell(row, "action").casefold())
    if kind is None:
        raise _BadRow(f"“{_cell(row, 'action')[:60]}” is no action.")
    bot = _cell(row, "bot").casefold()
    if bot not in (*TRUE, *FALSE):
        raise _BadRow(f"“{bot[:60]}” is neither yes nor no.")
    return NewAction(
        kind=kind,
        email=email,
        happened_at=_moment(_cell(row, "time"), latest),
        is_bot=bot in TRUE,
        key=_cell(row, "id"),
    )


def _cell(row: dict[str, str | None], name: str) -> str:
    text = (row.get(name) or "").strip()
    if len(text) > LONGEST_CELL or not text.isprintable():
        raise _BadRow(f"“{name}” is too long or holds signs that can't be read.")
    return text


def _moment(text: str, latest: datetime) -> datetime:
    try:
        found = datetime.fromisoformat(text)
        found = (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise _BadRow(f"“{text[:60]}” is no time, such as 2026-11-24T09:30:00Z.") from None
    if found > latest:
        raise _BadRow(f"“{text[:60]}” lies in the future.")
    return found
