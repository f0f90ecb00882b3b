"""What every change list does with its address: order, page, ticked rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import django_filters
from django.core.paginator import Page, Paginator
from django.db.models import F, Model, QuerySet
from django.db.models.expressions import OrderBy
from django.forms import Form
from django.http import HttpRequest

from accounts.keyset import counted

LARGEST_ID = 2**63 - 1

Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True, slots=True)
class Column:
    """`fields` are what it sorts by; none: it can't be sorted. A list's first column is its default.
    Of a nullable one the first field may be empty; saying so costs the use of an index."""

    label: str
    key: str = ""
    fields: tuple[str, ...] = ()
    is_nullable: bool = False


@dataclass(frozen=True, slots=True)
class Heading:
    """`direction` is ascending, descending or ''; `link` the ?sort= that a click asks for."""

    label: str
    direction: str = ""
    link: str = ""


def sorted_by(columns: Sequence[Column], asked: str) -> tuple[Column, bool]:
    """The column that a list is sorted by, and whether it is descending."""
    key = asked.removeprefix("-")
    found = next((column for column in columns if column.fields and column.key == key), None)
    return (found, asked.startswith("-")) if found else (columns[0], False)


def order_asked(request: HttpRequest, columns: Sequence[Column], default: str) -> str:
    """The ?sort= of the address, or the default for what is no column of the list."""
    asked = request.GET.get("sort", default)
    keys = {column.key for column in columns if column.fields}
    return asked if asked.removeprefix("-") in keys else default


def in_order(rows: QuerySet[Row], columns: Sequence[Column], asked: str) -> QuerySet[Row]:
    """Sort by a declared column ("-" before its key: descending), or by the first for anything else.
    Empty values come first ascending, last descending."""
    column, is_descending = sorted_by(columns, asked)
    terms = [_term(name, column, is_descending) for name in (*column.fields, "pk")]
    return rows.order_by(*terms)


def _term(name: str, column: Column, is_descending: bool) -> OrderBy:
    is_nullable = column.is_nullable and name == column.fields[0]
    if is_descending:
        return F(name).desc(nulls_last=is_nullable or None)
    return F(name).asc(nulls_first=is_nullable or None)


def headings(columns: Sequence[Column], asked: str) -> list[Heading]:
    chosen, is_descending = sorted_by(columns, asked)
    return [_heading(column, column is chosen, is_descending) for column in columns]


def _heading(column: Column, is_chosen: bool, is_descending: bool) -> Heading:
    if not column.fields:
        return Heading(column.label)
    if not is_chosen:
        return Heading(column.label, link=column.key)
    if is_descending:
        return Heading(column.label, "descending", column.key)
    return Heading(column.label, "ascending", f"-{column.key}")


def page_of(request: HttpRequest, rows: QuerySet[Row], *, size: int) -> Page:
    return Paginator(rows, size).get_page(request.GET.get("page"))


def ids_in(values: Iterable[str]) -> list[int]:
    """The row ids among what a form sent; what can't be one is left out."""
    short = (value for value in values if value.isdecimal() and len(value) <= 19)
    return [number for number in map(int, short) if 0 < number <= LARGEST_ID]


class ChoiceRefused(Exception):
    """Why, in a sentence to be shown."""


def chosen_rows(
    request: HttpRequest, every: django_filters.FilterSet, *, ticks: str, noun: str
) -> QuerySet:
    """The rows ticked under the name `ticks`, or all that `every` finds: the filter in the address. All of
    them only while it is the number that the form was sent with, as `seen`. Raises ChoiceRefused."""
    if "all" not in request.POST:
        rows = every.queryset.filter(pk__in=ids_in(request.POST.getlist(ticks)))
        if not rows.exists():
            raise ChoiceRefused(f"Nothing was changed: tick at least one {noun} first.")
        return rows
    check_filter(every.form)
    rows, seen = every.qs, request.POST.get("seen", "")
    number = rows.count()
    if not number:
        raise ChoiceRefused("Nothing was changed: nothing matches the filter any more.")
    if seen not in (str(number), str(counted(rows)[0])):
        raise ChoiceRefused(
            f"Nothing was changed: {number:,} match the filter now, and another number did when you "
            "looked. Look again, then choose."
        )
    return rows


def check_filter(form: Form) -> None:
    """Raises ChoiceRefused for a filter that can't be followed: it would let everything through."""
    if form.is_valid():
        return
    fields = " and ".join(f"“{form[name].label}”" for name in form.errors)
    raise ChoiceRefused(
        f"Nothing was changed: what {fields} asks for is no longer there. Choose the filter anew."
    )
