"""PostgreSQL plans by statistics that lag behind what a run has just written; this brings them up."""

from __future__ import annotations

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


def refresh_staging() -> None:
    _analyze(StagedTeam, StagedPerson, StagedMember, StagedCourse)


def refresh_plan() -> None:
    _analyze(Change)


def refresh_people() -> None:
    _analyze(Target, TargetLink, GroupMembership)


def _analyze(*tables: type[models.Model]) -> None:
    if database.vendor != "postgresql":
        return
    names = ", ".join(database.ops.quote_name(table._meta.db_table) for table in tables)
    with database.cursor() as cursor:
        cursor.execute(f"ANALYZE {names}")
