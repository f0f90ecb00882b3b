"""Carries out the planned rows: set-based SQL in one fenced transaction, so half-applied can't exist."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import nullcontext
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import connection as database
from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from groups.models import Group
from groups.names import name_key
from integrations.contract.records import FIELD_LENGTHS
from integrations.models import (
    Action,
    Change,
    Course,
    FieldRule,
    GroupLink,
    Kind,
    Outcome,
    Phase,
    Reason,
    SyncRun,
)
from integrations.sync import journal
from integrations.sync.field_rules import fields_with
from integrations.sync.scope import follows
from integrations.sync.statistics import (
    has_many_staged,
    is_many,
    refresh_people,
    refresh_plan,
)
from targets.nested_loops import without_nested_loops
from targets.tallies import recount_with

SQL = Path(__file__).parent / "sql"
PEOPLE = [file.read_text() for file in sorted((SQL / "people").glob("*.sql"))]
UNKEPT = (SQL / "people" / "08c_no_longer_kept.sql").read_text()
DONE = (SQL / "done.sql").read_text().split(";\n")
BATCH = 500
GroupActions = dict[Action, Callable[[SyncRun, Change, Any, datetime], None]]
#: A statement with these goes through all that was read, however little of it is planned.
ALL_READ = "integrations_stagedmember"


def apply(run: SyncRun) -> str:
    """Applying again changes nothing. Raises IntegrityError when the Portal moved since the plan."""
    now = timezone.now()
    is_large = not run.hold_reason and is_many(_planned(run))
    if is_large:
        refresh_plan()
    with transaction.atomic():
        journal.checkpoint(run, phase=Phase.FINISH)
        if not run.hold_reason:
            apply_groups(run, now, GROUP_ACTIONS)
            _execute(PEOPLE if _moves_anybody(run) else [UNKEPT], run, now, is_large=is_large)
            apply_courses(run, now)
            _execute(DONE, run, now, is_large=is_large)
            recount_with(run.account, targets_in(_applied(run)))
    if is_large:
        refresh_people()
    return Phase.FINISH


def _applied(run: SyncRun) -> QuerySet[Change]:
    return Change.objects.filter(run=run, outcome=Outcome.APPLIED)


def targets_in(rows: QuerySet[Change]) -> QuerySet[Change, int | None]:
    """The ids of the targets that these rows are about."""
    return rows.filter(target_id__isnull=False).order_by().values_list("target_id", flat=True)


def _planned(run: SyncRun, **where: Any) -> QuerySet[Change]:
    return Change.objects.filter(run=run, outcome=Outcome.PLANNED, **where)


def _moves_anybody(run: SyncRun) -> bool:
    return _planned(run, kind__in=(Kind.PERSON, Kind.MEMBERSHIP)).exists()


def _values(run: SyncRun, now: datetime) -> dict[str, Any]:
    kept = fields_with(run.field_rules, FieldRule.KEEP)
    return {
        **{f"keep_{name}": name in kept for name in FIELD_LENGTHS},
        "run": run.pk,
        "staging": run.staging_id,
        "account": run.account_id,
        "connection": run.connection_id,
        "source": run.connection.provider,
        "now": database.ops.adapt_datetimefield_value(now),
    }


def _execute(statements: Iterable[str], run: SyncRun, now: datetime, *, is_large: bool) -> None:
    values, reads_many = _values(run, now), has_many_staged(run)
    with database.cursor() as cursor:
        for statement in statements:
            is_long = is_large or (reads_many and ALL_READ in statement)
            with without_nested_loops(cursor) if is_long else nullcontext():
                cursor.execute(statement, values)


def apply_groups(run: SyncRun, now: datetime, actions: GroupActions) -> None:
    rows = list(_planned(run, kind=Kind.GROUP).order_by("pk"))
    groups = Group.objects.in_bulk([row.group_id for row in rows if row.group_id])
    for row in rows:
        actions[Action(row.action)](run, row, groups.get(row.group_id or 0), now)


def _create(run: SyncRun, row: Change, _group: Group | None, now: datetime) -> None:
    group = Group.objects.create(
        account_id=run.account_id,
        name=row.after["name"],
        source=run.connection.provider,
        auto_sync=follows(run),
        created_at=now,
    )
    Change.objects.filter(pk=row.pk).update(group_id=group.pk)
    _link(run, row, group)


def _adopt(run: SyncRun, row: Change, group: Group, _now: datetime) -> None:
    group.name = row.after["name"]
    group.source = run.connection.provider
    group.auto_sync = follows(run)
    group.save(update_fields=["name", "name_key", "source", "auto_sync"])
    _link(run, row, group)


def _link(run: SyncRun, row: Change, group: Group) -> None:
    GroupLink.objects.create(
        account_id=run.account_id,
        connection=run.connection,
        group=group,
        integration_id=row.integration_id,
        remote_name=row.label,
    )


def _rename(run: SyncRun, row: Change, group: Group, _now: datetime) -> None:
    name = row.after["name"]
    Group.objects.filter(pk=group.pk).update(name=name, name_key=name_key(name))
    GroupLink.objects.filter(group=group).update(remote_name=row.label)


def _mark_gone(run: SyncRun, _row: Change, group: Group, now: datetime) -> None:
    GroupLink.objects.filter(group=group).update(gone_at=now)


def _mark_back(run: SyncRun, _row: Change, group: Group, _now: datetime) -> None:
    GroupLink.objects.filter(group=group).update(gone_at=None)


def _let_go(run: SyncRun, _row: Change, group: Group, _now: datetime) -> None:
    GroupLink.objects.filter(group=group).delete()
    Group.objects.filter(pk=group.pk).update(source="", auto_sync=False)


GROUP_ACTIONS: GroupActions = {
    Action.CREATE: _create,
    Action.ADOPT: _adopt,
    Action.UPDATE: _rename,
    Action.DEACTIVATE: _mark_gone,
    Action.REACTIVATE: _mark_back,
    Action.UNLINK: _let_go,
}


def apply_courses(run: SyncRun, now: datetime) -> None:
    planned = _planned(run, kind=Kind.COURSE)
    Course.objects.bulk_create(
        [
            Course(
                account_id=run.account_id,
                connection=run.connection,
                integration_id=row.integration_id,
                is_active=row.reason != Reason.COURSE_INACTIVE,
                **row.after,
            )
            for row in planned.filter(action=Action.CREATE).iterator()
        ],
        batch_size=BATCH,
    )
    for row in planned.filter(action=Action.UPDATE).iterator():
        Course.objects.filter(pk=row.course_id or 0).update(updated_at=now, **row.after)
    back = planned.filter(action=Action.REACTIVATE).values("course_id")
    Course.objects.filter(pk__in=back).update(is_active=True, gone_at=None, updated_at=now)
    off = planned.filter(action=Action.DEACTIVATE)
    gone = off.filter(reason=Reason.COURSE_GONE).values("course_id")
    Course.objects.filter(pk__in=gone).update(gone_at=Now(), updated_at=now)
    inactive = off.filter(reason=Reason.COURSE_INACTIVE).values("course_id")
    Course.objects.filter(pk__in=inactive).update(is_active=False, gone_at=None, updated_at=now)
