"""PostgreSQL plans by statistics that lag behind what a run has just written; this brings them up."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection as database
from django.db import models

from integrations.models import (
    Change,
    StagedCourse,
    StagedMember,
    StagedPerson,
    StagedTeam,
    TargetLink,
)
from targets.models import GroupMembership, Target

#: The columns that a sync joins and looks rows up by: all others take most of the time.
STAGED = "run_id", "integration_id"
COLUMNS: dict[type[models.Model], tuple[str, ...]] = {
    StagedTeam: (*STAGED, "is_in_scope", "group_id"),
    StagedPerson: (*STAGED, "email_key", "fingerprint", "is_outside", "is_contested", "is_changed"),
    StagedMember: ("run_id", "team_id", "person_id"),
    StagedCourse: STAGED,
    Change: ("run_id", "kind", "action", "outcome", "reason", "integration_id", "target_id"),
    Target: ("account_id", "email_key", "name", "source", "is_active", "is_reachable"),
    TargetLink: ("connection_id", "integration_id", "target_id", "fingerprint", "gone_at"),
    GroupMembership: ("group_id", "target_id", "is_active", "is_kept", "set_by"),
}


def refresh_staging() -> None:
    _analyze(StagedTeam, StagedPerson, StagedMember, StagedCourse)


def refresh_plan() -> None:
    _analyze(Change)


def refresh_people() -> None:
    _analyze(Target, TargetLink, GroupMembership)


def _analyze(*tables: type[models.Model]) -> None:
    if database.vendor != "postgresql":
        return
    calls = ", ".join(["portal_analyze(%s, %s)"] * len(tables))
    names = [part for table in tables for part in (table._meta.db_table, list(COLUMNS[table]))]
    with database.cursor() as cursor:
        cursor.execute(f"SELECT {calls}", names)


@contextmanager
def without_nested_loops(cursor: Any) -> Iterator[None]:
    """PostgreSQL expects one row where an id, a fingerprint and an address have to be equal, as if they had
    nothing to do with each other, and would look each of a hundred thousand people up one by one."""
    if database.vendor != "postgresql":
        yield
        return
    cursor.execute("SET LOCAL enable_nestloop = off")
    yield
    cursor.execute("SET LOCAL enable_nestloop = on")
