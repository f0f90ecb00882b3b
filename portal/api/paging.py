"""Lists in pages: each says with what to ask for the next one."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, Generic, TypeVar

from django.db.models import Model, QuerySet
from ninja import Field, Schema
from pydantic import ConfigDict

from portal.api.problems import Problem

LARGEST_ID = 2**63 - 1
Id = Annotated[int, Field(ge=1, le=LARGEST_ID)]
Shape = TypeVar("Shape", bound=Schema)
Row = TypeVar("Row", bound=Model)


class Place(Schema):
    """Where a page begins and how long it is."""

    model_config = ConfigDict(extra="forbid")

    cursor: str = Field(
        "", pattern="^[A-Za-z0-9_-]{0,2000}$", description="The `next` of the page before"
    )
    limit: int = Field(100, ge=1, le=200, description="How many at most")


class Listing(Schema, Generic[Shape]):
    items: list[Shape]
    next: str | None = Field(description="The cursor of the next page; null on the last one")


@dataclass(frozen=True, slots=True)
class Page(Generic[Shape]):
    items: list[Shape]
    next: str | None


@dataclass(frozen=True, slots=True)
class Order:
    """By one field that no two rows of an account share."""

    field: str = "pk"
    is_descending: bool = False

    def beyond(self, rows: QuerySet[Row], value: Any) -> QuerySet[Row]:
        return rows.filter(**{f"{self.field}__{'lt' if self.is_descending else 'gt'}": value})

    def sort(self, rows: QuerySet[Row]) -> QuerySet[Row]:
        return rows.order_by(f"{'-' if self.is_descending else ''}{self.field}")


NEWEST = Order(is_descending=True)


def listing(
    rows: QuerySet[Row], place: Place, shape: Callable[[Row], Shape], order: Order = Order()
) -> Page[Shape]:
    """One query, whose cost is that of the page wherever it is. Raises Problem for a cursor of no page."""
    if place.cursor:
        rows = order.beyond(rows, _read(place.cursor, order))
    found = list(order.sort(rows)[: place.limit + 1])
    page = found[: place.limit]
    following = _write(getattr(page[-1], order.field)) if len(found) > place.limit else None
    return Page([shape(row) for row in page], following)


def _write(value: Any) -> str:
    return urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def _read(cursor: str, order: Order) -> Any:
    try:
        value = json.loads(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, RecursionError):
        raise _unknown() from None
    is_number = type(value) is int and abs(value) <= LARGEST_ID
    is_text = isinstance(value, str) and value.isprintable()
    if not (is_number if order.field == "pk" else is_text):
        raise _unknown()
    return value


def _unknown() -> Problem:
    return Problem(404, "unknown_page", "There is no such page. Send the “next” of an answer.")
