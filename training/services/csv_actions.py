"""Actions from a CSV, which may be GoPhish's own Events: each row by itself, good or with what is wrong with
it. Read as a stream, and never kept as a whole."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import chain, islice

from django.utils import timezone

from training.models import Campaign, Door
from training.services.gophish import is_of, read_event
from training.services.rows import QUOTED, BadRow, read_row
from training.services.taking import NewAction, Taken, take_actions

LARGEST = 50_000_000
MOST_ROWS = 250_000
#: How much goes to the page and back while somebody looks at it.
MOST_CARRIED, LONGEST_CARRIED = 10_000, 1_000_000
SHOWN = 20
BATCH = 2000
NEEDED = ("email", "action", "time")
EVENTS = ("campaign_id", "email", "time", "message")
COLUMNS = {"email": "email", "kind": "action", "happened_at": "time", "id": "id"}
TRUE, FALSE = ("yes", "true", "1"), ("", "no", "false", "0")
#: A cell of Events may hold all that somebody typed into a form.
csv.field_size_limit(LARGEST)


class BadFile(ValueError):
    """No row of it can be read; the message says why."""


@dataclass(frozen=True, slots=True)
class RowError:
    line: int
    told: str


@dataclass(slots=True)
class Look:
    """`errors` and `shown` are the first ones. `beside` counts GoPhish's events that are no actions, or of
    other campaigns of its own. `text` has the good rows again; None: too many to be carried along."""

    good: int = 0
    bad: int = 0
    beside: int = 0
    shown: list[NewAction] = field(default_factory=list)
    errors: list[RowError] = field(default_factory=list)
    text: str | None = None


def look_at(lines: Iterable[str], *, campaign: Campaign, now: datetime | None = None) -> Look:
    """The first line names the columns: email, action, time, and where wanted bot and id; or those of Events.
    Raises BadFile."""
    look, carried = Look(), io.StringIO()
    writer = csv.writer(carried)
    rows = _Rows(lines, campaign.gophish_number, now or timezone.now(), look)
    for action, cells in rows:
        look.good += 1
        if len(look.shown) < SHOWN:
            look.shown.append(action)
        if look.good == 1:
            writer.writerow(rows.names)
        if look.good <= MOST_CARRIED and carried.tell() <= LONGEST_CARRIED:
            writer.writerow(cells)
    if look.good <= MOST_CARRIED and carried.tell() <= LONGEST_CARRIED:
        look.text = carried.getvalue()
    return look


def take_file(lines: Iterable[str], *, campaign: Campaign, now: datetime | None = None) -> Taken:
    """The good rows, some at a time, so that others get their turn. Safe to repeat. Raises BadFile: look at
    the file first, or what comes before is taken in."""
    rows = iter(_Rows(lines, campaign.gophish_number, now or timezone.now(), Look()))
    taken = Taken()
    while part := [action for action, _ in islice(rows, BATCH)]:
        taken += take_actions(campaign=campaign, actions=part, door=Door.CSV)
    return taken


class _Rows:
    """Gives each good row with its cells, and tells the others to the look."""

    def __init__(self, lines: Iterable[str], number: int | None, now: datetime, look: Look) -> None:
        self.lines, self.number, self.now, self.look = lines, number, now, look
        self.names: list[str] = []
        self._at: datetime | None = None
        self._alike: Counter[tuple[str, str]] = Counter()

    def __iter__(self) -> Iterator[tuple[NewAction, list[str]]]:
        try:
            yield from self._read()
        except UnicodeDecodeError:
            raise BadFile("The file is not UTF-8. Save it as “CSV UTF-8”.") from None

    def _read(self) -> Iterator[tuple[NewAction, list[str]]]:
        rows = self._opened()
        try:
            is_events = self._is_events(rows)
            for number, row in enumerate(rows):
                if number >= MOST_ROWS:
                    raise BadFile(f"More than {MOST_ROWS:,} rows. Split the file.")
                action = self._action(row, rows.line_num, is_events=is_events)
                if action:
                    yield action, [row[name] or "" for name in self.names]
        except csv.Error as error:
            raise BadFile(f"Line {rows.line_num}: not CSV ({error}).") from None

    def _opened(self) -> csv.DictReader[str]:
        lines = iter(self.lines)
        first = next(lines, "").removeprefix("\ufeff")
        if not first.strip():
            raise BadFile("Choose a file whose first line names the columns.")
        delimiter = ";" if first.count(";") > first.count(",") else ","
        return csv.DictReader(chain([first], lines), delimiter=delimiter, strict=True)

    def _is_events(self, rows: csv.DictReader[str]) -> bool:
        rows.fieldnames = [name.strip().casefold() for name in rows.fieldnames or ()]
        self.names = [name for name in dict.fromkeys(rows.fieldnames) if name != "details"]
        if "action" not in self.names and set(EVENTS) <= set(self.names):
            return True
        missing = [name for name in NEEDED if name not in self.names]
        if missing:
            raise BadFile(f"The first line names no column {', '.join(missing)}.")
        return False

    def _action(
        self, row: dict[str, str | None], line: int, *, is_events: bool
    ) -> NewAction | None:
        try:
            return self._event(row) if is_events else _plain(row, self.now)
        except BadRow as error:
            self.look.bad += 1
            if len(self.look.errors) < SHOWN:
                self.look.errors.append(RowError(line, str(error)))
        return None

    def _event(self, row: dict[str, str | None]) -> NewAction | None:
        """Several alike in one second are told apart by their order."""
        number = (row["campaign_id"] or "").strip()
        event: dict[str, object] = {name: row[name] or "" for name in EVENTS}
        event["campaign_id"] = int(number) if number.isdecimal() and len(number) < 20 else number
        action = read_event(event, now=self.now) if is_of(event, self.number) else None
        if action is None:
            self.look.beside += 1
            return None
        if action.happened_at.microsecond:
            return action
        if action.happened_at != self._at:
            self._at = action.happened_at
            self._alike.clear()
        who = (action.kind, action.email.casefold())
        self._alike[who] += 1
        return replace(action, nth=self._alike[who])


def _plain(row: dict[str, str | None], now: datetime) -> NewAction:
    cells: dict[str, object] = {name: row.get(column) or "" for name, column in COLUMNS.items()}
    cells["is_bot"] = _is_bot(row.get("bot") or "")
    return read_row(cells, now=now)


def _is_bot(text: str) -> bool:
    bot = text.strip().casefold()
    if bot not in (*TRUE, *FALSE):
        raise BadRow("is_bot", f"“{bot[:QUOTED]}” is neither yes nor no.")
    return bot in TRUE
