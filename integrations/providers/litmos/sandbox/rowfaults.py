"""Faults in what a list holds: which rows a page shows, and what is in them."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from .exchange import Listing
from .fields import Record

Window = tuple[int, int]
NEEDED = {"Id", "UserName", "FirstName", "LastName", "Email", "Active", "Name"}


@dataclass(frozen=True, slots=True)
class WindowKind:
    summary: str
    move: Callable[[Listing, Window, str], Window]


@dataclass(frozen=True, slots=True)
class RowKind:
    summary: str
    change: Callable[[list[Any], str], list[Any]]


def _repeat(listing: Listing, window: Window, value: str) -> Window:
    start, limit = window
    return max(0, start - int(value or 1)) if start else 0, limit


def _skip(listing: Listing, window: Window, value: str) -> Window:
    start, limit = window
    return start + int(value or 1) if start else 0, limit


def _oversize(listing: Listing, window: Window, value: str) -> Window:
    return window[0], window[1] + int(value or 3)


def _small(listing: Listing, window: Window, value: str) -> Window:
    return window[0], min(window[1], int(value or 50))


def _stuck(listing: Listing, window: Window, value: str) -> Window:
    return 0, window[1]


def _empty(listing: Listing, window: Window, value: str) -> Window:
    listing.keys = ()
    return window


def _shuffle_ties(listing: Listing, window: Window, value: str) -> Window:
    """Rows of one sort key come in another order at each call."""
    if listing.rank is not None:
        listing.keys = [
            key for _, ties in groupby(listing.keys, listing.rank) for key in _shuffled(list(ties))
        ]
    return window


def _shuffled(ties: list[Any]) -> Sequence[Any]:
    return random.sample(ties, len(ties))


WINDOW_FAULTS = {
    "dup": WindowKind("pages after the first start a row early (=n): ids come twice", _repeat),
    "drift": WindowKind("pages after the first start a row late (=n): rows are missed", _skip),
    "oversized": WindowKind("pages hold three rows (=n) more than asked for", _oversize),
    "pagesize": WindowKind("pages hold at most 50 rows (=n), whatever is asked for", _small),
    "stuck": WindowKind("the first page again and again, whatever start says", _stuck),
    "emptylist": WindowKind("lists are empty", _empty),
    "unstable": WindowKind(
        "people of one first name come in another order each time", _shuffle_ties
    ),
}


def _broken(row: Record, number: int) -> Any:
    """In turn: an object where text belongs, no id, no record at all, words for a yes or no."""
    broken: tuple[Any, ...] = (
        {**row, **{name: {"value": row[name]} for name in ("Email", "Name") if name in row}},
        {**row, "Id": None},
        "System.Xml.XmlElement",
        {**row, "Active": "perhaps", "Name": ["?"]},
    )
    return broken[number % len(broken)]


def _break_rows(rows: list[Any], value: str) -> list[Any]:
    count = int(value or 1)
    return [_broken(row, at) for at, row in enumerate(rows[:count])] + rows[count:]


def _add_keys(rows: list[Any], value: str) -> list[Any]:
    extra = {"Pronouns": "", "LicenceTier": {"Name": "Pro", "Since": 2031}, "Badges": [1, 2]}
    return [{**row, **extra} for row in rows]


def _drop_keys(rows: list[Any], value: str) -> list[Any]:
    dropped = set(value.split(";")) if value else None
    return [
        {
            name: content
            for name, content in row.items()
            if (name in NEEDED if dropped is None else name not in dropped)
        }
        for row in rows
    ]


def _drop_culture(rows: list[Any], value: str) -> list[Any]:
    return _drop_keys(rows, "Culture")


def _null(rows: list[Any], value: str) -> list[Any]:
    return [
        {name: None if content == "" else content for name, content in row.items()} for row in rows
    ]


def _as_texts(rows: list[Any], value: str) -> list[Any]:
    return [{name: _as_text(content) for name, content in row.items()} for row in rows]


def _as_text(content: Any) -> Any:
    return str(content).lower() if isinstance(content, bool | int | float) else content


def _old_order(rows: list[Any], value: str) -> list[Any]:
    return [dict(reversed(row.items())) for row in rows]


ROW_FAULTS = {
    "badrecord": RowKind("the first record of a page (=n of them) can't be read", _break_rows),
    "extra_keys": RowKind("records have keys that nobody knows", _add_keys),
    "missing_keys": RowKind("records lack all optional keys (=Name;Name lacks these)", _drop_keys),
    "short_culture": RowKind("records lack Culture", _drop_culture),
    "nulls": RowKind("null wherever a text is empty", _null),
    "strings": RowKind("numbers and booleans come as text", _as_texts),
    "reordered": RowKind("the keys of records come in another order", _old_order),
}
