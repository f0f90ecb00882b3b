"""PostgreSQL plans by statistics that lag behind what a run has just written; this brings them up.

Call it outside of a transaction: one that has analyzed a table holds others up until it ends."""

from __future__ import annotations

from typing import Any

from django.db import connection as database
from django.db import models
from django.db.models import QuerySet

from integrations.models import (
    Change,
    StagedCourse,
    StagedMember,
    StagedPerson,
    StagedTeam,
    SyncRun,
    TargetLink,
)
from targets.models import GroupMembership, Target

MANY = 1000
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


def is_many(rows: QuerySet[Any]) -> bool:
    """Fewer are not worth new statistics, and are quickly gone through in any way."""
    return rows.order_by()[: MANY + 1].count() > MANY


def has_many_staged(run: SyncRun) -> bool:
    people = StagedPerson.objects.filter(run=run.staging_id)
    return is_many(people) or is_many(StagedMember.objects.filter(run=run.staging_id))


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
