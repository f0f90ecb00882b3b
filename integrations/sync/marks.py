"""Marks the staged people whom the planner has to look at: one statement over all of them, since hardly
anybody changes. Each database has its own file of the same name; they are tested against the planner."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from django.db import connection as database

from integrations.models import SyncRun
from targets.nested_loops import without_nested_loops

SQL = Path(__file__).parent / "sql"


def mark_outside(run: SyncRun) -> None:
    """Who is inactive, unreadable, or in no team of the run."""
    _execute("mark_outside", run)


def mark_contested(run: SyncRun) -> None:
    """Of those who are not outside, who has the address of another: one of them wins it."""
    _execute("mark_contested", run)


def mark_changed(run: SyncRun) -> None:
    """Everybody but those of whom there is nothing to say."""
    _execute("mark_changed", run)


def _execute(name: str, run: SyncRun) -> None:
    values = {"staging": run.staging_id, "connection": run.connection_id}
    with database.cursor() as cursor, without_nested_loops(cursor):
        for statement in _statements(database.vendor, name):
            cursor.execute(statement, values)


@cache
def _statements(vendor: str, name: str) -> list[str]:
    return (SQL / vendor / f"{name}.sql").read_text().split(";\n")
