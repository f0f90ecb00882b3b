"""Puts many rows at once: COPY on PostgreSQL, multi-row statements elsewhere."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from django.db import IntegrityError, models, transaction
from django.db import connection as database
from psycopg.errors import DiskFull


def insert(rows: Sequence[models.Model]) -> None:
    """Rows of one model; those that are there already (by a unique constraint) are left as they are."""
    if not rows:
        return
    if database.vendor == "postgresql" and _is_copied(rows):
        return
    type(rows[0])._default_manager.bulk_create(rows, ignore_conflicts=True)


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


def _copy(rows: Sequence[models.Model]) -> None:
    meta = type(rows[0])._meta
    fields = [field for field in meta.concrete_fields if not field.primary_key]
    names = ", ".join(database.ops.quote_name(str(field.column)) for field in fields)
    table = database.ops.quote_name(meta.db_table)
    values = [(field.attname, field.get_db_prep_save) for field in fields]
    with (
        database.wrap_database_errors,
        database.cursor() as cursor,
        cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy,
    ):
        for row in rows:
            copy.write_row([prepare(getattr(row, name), database) for name, prepare in values])
