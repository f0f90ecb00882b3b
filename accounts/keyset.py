"""Pages of lists that may hold a million rows: each is found by the row before it, so that it costs the same
wherever it is, and nothing is counted beyond what anybody would leaf through."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db.models import Model, Q, QuerySet

MOST_COUNTED = 10_000

Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True, slots=True)
class KeysetPage(Generic[Row]):
    """`first` is the place of its first row among `total`, of which there are more when `is_more`;
    `following` asks for the next page, '' on the last one."""

    rows: list[Row]
    first: int
    total: int
    is_more: bool = False
    following: str = ""

    @property
    def last(self) -> int:
        return self.first + len(self.rows) - 1


def keyset_page(
    rows: QuerySet[Row],
    *,
    by: str,
    after: str,
    size: int,
    is_descending: bool = False,
    total: int | None = None,
) -> KeysetPage[Row]:
    """The page in the order of the field `by`, which is never null, and of the id. `after` is the
    `following` of the page before; anything else is the first page. Without a `total`, rows are counted,
    up to MOST_COUNTED."""
    last, shown = _place_of(after)
    sign, beyond = ("-", "lt") if is_descending else ("", "gt")
    value = rows.model._default_manager.filter(pk=last).values_list(by, flat=True).first()
    following, place = rows, 0
    if value is not None:
        place = shown
        later = Q(**{f"{by}__{beyond}": value}) | Q(**{f"pk__{beyond}": last})
        following = rows.filter(later, **{f"{by}__{beyond}e": value})
    found = list(following.order_by(f"{sign}{by}", f"{sign}pk")[: size + 1])
    page = found[:size]
    cursor = f"{page[-1].pk}-{place + size}" if len(found) > size else ""
    number, is_more = counted(rows) if total is None else (total, False)
    return KeysetPage(page, place + 1, number, is_more, cursor)


def counted(rows: QuerySet[Any]) -> tuple[int, bool]:
    """How many rows, up to MOST_COUNTED, and whether there are more."""
    number = rows.order_by()[: MOST_COUNTED + 1].count()
    return min(number, MOST_COUNTED), number > MOST_COUNTED


def _place_of(after: str) -> tuple[int, int]:
    match = re.fullmatch(r"(\d{1,18})-(\d{1,9})", after, re.ASCII)
    return (int(match[1]), int(match[2])) if match else (0, 0)
