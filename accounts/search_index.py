"""Indexes for "contains" on PostgreSQL, as operations of a migration. Other databases go through all rows; so
does PostgreSQL where the role may not add pg_trgm, which comes with it."""

from __future__ import annotations

import logging
from typing import Any

from django.db import ProgrammingError, migrations, transaction

logger = logging.getLogger(__name__)


def search_index(
    name: str, table: str, *columns: str, condition: str = "true"
) -> migrations.RunPython:
    """`columns` are expressions just as Django's lookups write them: UPPER(x::text) for icontains, (x::text)
    for contains. Only rows of the `condition` are in it."""

    def add(_apps: Any, editor: Any) -> None:
        if editor.connection.vendor != "postgresql":
            return
        parts = ", ".join(f"{column} gin_trgm_ops" for column in columns)
        try:
            with transaction.atomic(using=editor.connection.alias):
                editor.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
                editor.execute(
                    f"CREATE INDEX {name} ON {table} USING gin ({parts}) WHERE {condition}"
                )
        except ProgrammingError as error:
            logger.warning("without %s, searches are slow in large accounts: %s", name, error)

    def remove(_apps: Any, editor: Any) -> None:
        if editor.connection.vendor == "postgresql":
            editor.execute(f"DROP INDEX IF EXISTS {name}")

    return migrations.RunPython(add, remove)
