"""Puts many rows at once: COPY on PostgreSQL, multi-row statements elsewhere."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
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
    if database.vendor == "postgresql" and _is_copied(rows):
        return
    type(rows[0])._default_manager.bulk_create(rows, ignore_conflicts=True)


def insert_with_ids(rows: Sequence[models.Model]) -> None:
    """Rows of one model, none of which is there yet; each gets its id."""
    if database.vendor != "postgresql" or len(rows) < WORTH_COPYING:
        type(rows[0])._default_manager.bulk_create(rows) if rows else None
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


class _Column:
    """Prepares the values of one field. Most of them are the very object of the row before."""

    def __init__(self, field: models.Field[Any, Any]) -> None:
        self.name, self.prepare = field.attname, field.get_db_prep_save
        self.last: object = self
        self.prepared: object = None

    def value(self, row: models.Model) -> object:
        given = getattr(row, self.name)
        if given is not self.last:
            self.last, self.prepared = given, self.prepare(given, database)
        return self.prepared


def _copy(rows: Sequence[models.Model], *, has_ids: bool = False) -> None:
    meta = type(rows[0])._meta
    fields = [field for field in meta.concrete_fields if has_ids or not field.primary_key]
    names = ", ".join(database.ops.quote_name(str(field.column)) for field in fields)
    table = database.ops.quote_name(meta.db_table)
    values = [_Column(field).value for field in fields]
    with (
        database.wrap_database_errors,
        database.cursor() as cursor,
        cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy,
    ):
        for row in rows:
            copy.write_row([value(row) for value in values])
