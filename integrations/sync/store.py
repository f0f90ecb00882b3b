"""Puts many rows at once: COPY on PostgreSQL, multi-row statements elsewhere."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from typing import Any

from django.db import IntegrityError, models, transaction
from django.db import connection as database
from psycopg.errors import DiskFull

#: Fewer rows than these take less time in one statement.
WORTH_COPYING = 50


def insert(rows: Sequence[models.Model]) -> None:
    """Rows of one model; those that are there already (by a unique constraint) are left as they are."""
    if not rows:
        return
    is_worth_it = database.vendor == "postgresql" and len(rows) >= WORTH_COPYING
    if is_worth_it and _is_copied(rows):
        return
    type(rows[0])._default_manager.bulk_create(rows, ignore_conflicts=True)


def insert_with_ids(rows: Sequence[models.Model]) -> None:
    """Rows of one model, none of which is there yet; each gets its id."""
    if database.vendor != "postgresql" or len(rows) < WORTH_COPYING:
        for model in {type(row) for row in rows}:
            model._default_manager.bulk_create(rows)
        return
    for row, pk in zip(rows, _next_ids(type(rows[0]), len(rows)), strict=True):
        row.pk = pk
        row._state.adding = False
    _copy(rows, has_ids=True)


def _next_ids(model: type[models.Model], number: int) -> list[int]:
    wanted = "SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)"
    with database.cursor() as cursor:
        cursor.execute(wanted, [model._meta.db_table, model._meta.pk.column, number])
        return [pk for (pk,) in cursor.fetchall()]


def put(model: type[models.Model], names: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> None:
    """Rows as tuples of the named columns, with values as the database takes them (JSON as text); the
    other columns get their defaults. Rows that are there already, by a unique constraint, are left."""
    if not rows:
        return
    columns, defaults = _columns(model, names)
    whole = [(*row, *defaults) for row in rows] if defaults else rows
    table = database.ops.quote_name(model._meta.db_table)
    quoted = ", ".join(map(database.ops.quote_name, columns))
    is_worth_it = database.vendor == "postgresql" and len(rows) >= WORTH_COPYING
    if is_worth_it and _are_copied(f"COPY {table} ({quoted}) FROM STDIN", whole):
        return
    places = ", ".join(["%s"] * len(columns))
    insert = f"INSERT INTO {table} ({quoted}) VALUES ({places}) ON CONFLICT DO NOTHING"  # noqa: S608 names of our own columns
    with database.cursor() as cursor:
        cursor.executemany(insert, whole)


def _columns(model: type[models.Model], names: Sequence[str]) -> tuple[list[str], tuple[Any, ...]]:
    """The named columns and after them all others, with the values of those."""
    fields = {field.attname: field for field in model._meta.concrete_fields}
    others = [one for one in fields.values() if not one.primary_key and one.attname not in names]
    columns = [str(field.column) for field in (*(fields[name] for name in names), *others)]
    return columns, tuple(one.get_db_prep_save(one.get_default(), database) for one in others)


def _are_copied(statement: str, rows: Sequence[tuple[Any, ...]]) -> bool:
    try:
        with transaction.atomic():
            _copy_tuples(statement, rows)
    except IntegrityError:
        return False
    return True


def _copy_tuples(statement: str, rows: Sequence[tuple[Any, ...]]) -> None:
    with (
        database.wrap_database_errors,
        database.cursor() as cursor,
        cursor.copy(statement) as copy,
    ):
        for row in rows:
            copy.write_row(row)


def is_disk_full(error: BaseException) -> bool:
    """Trying again would not help: somebody has to make room first."""
    cause = error.__cause__
    is_sqlite = getattr(cause, "sqlite_errorcode", 0) == sqlite3.SQLITE_FULL
    return is_sqlite or isinstance(cause, DiskFull)


def _is_copied(rows: Sequence[models.Model]) -> bool:
    """COPY knows no "ignore": one row that is there already refuses them all."""
    try:
        with transaction.atomic():
            _copy(rows)
    except IntegrityError:
        return False
    return True


def _values(field: models.Field[Any, Any], rows: Sequence[models.Model]) -> Iterator[object]:
    """Prepared for the database. Most are the very object of the row before, and prepared once."""
    name, prepare = field.attname, field.get_db_prep_save
    last: object = field
    prepared: object = None
    for row in rows:
        given = getattr(row, name)
        if given is not last:
            last, prepared = given, prepare(given, database)
        yield prepared


def _copy(rows: Sequence[models.Model], *, has_ids: bool = False) -> None:
    meta = type(rows[0])._meta
    fields = [field for field in meta.concrete_fields if has_ids or not field.primary_key]
    names = ", ".join(database.ops.quote_name(str(field.column)) for field in fields)
    table = database.ops.quote_name(meta.db_table)
    with (
        database.wrap_database_errors,
        database.cursor() as cursor,
        cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy,
    ):
        for values in zip(*(_values(field, rows) for field in fields), strict=True):
            copy.write_row(values)
