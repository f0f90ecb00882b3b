from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction

from accounts import audit
from accounts.models import User
from groups.models import Group
from integrations.models import OPEN_STATUSES, Connection, Phase, SyncContent, SyncRun, Trigger
from integrations.sync.scope import PARTIAL


@dataclass(frozen=True, slots=True)
class Opened:
    """`is_new` is False when a run was open already: then `run` is that one."""

    run: SyncRun
    is_new: bool


def open_run(
    *,
    connection: Connection,
    trigger: str,
    requested_by: User | None = None,
    group: Group | None = None,
    turns_auto_sync_on: bool = True,
    is_preview: bool = False,
    preview: SyncRun | None = None,
    undoes: SyncRun | None = None,
    person_id: str = "",
) -> Opened:
    """Insert a queued run; the database admits one open run per connection. Wake it after the commit."""
    try:
        with transaction.atomic():
            run = new_run(
                connection,
                trigger,
                requested_by=requested_by,
                group=group,
                turns_auto_sync_on=turns_auto_sync_on,
                is_preview=is_preview,
                preview=preview,
                undoes=undoes,
                person_id=person_id,
                cursor={"stage": "UNDO", "after": 0} if undoes else {},
            )
            run.save()
            _record(run)
    except IntegrityError:
        open_now = SyncRun.objects.filter(connection=connection, status__in=OPEN_STATUSES)
        return Opened(open_now.get(), is_new=False)
    return Opened(run, is_new=True)


def new_run(connection: Connection, trigger: str, **fields: Any) -> SyncRun:
    """Not in the database yet."""
    return SyncRun(
        account_id=connection.account_id,
        connection=connection,
        trigger=trigger,
        phase=first_phase(connection, trigger),
        is_one_time=trigger == Trigger.MANUAL and not connection.is_active,
        field_rules=connection.field_rules,
        **fields,
    )


def _record(run: SyncRun) -> None:
    """A night starts by itself, Save has an event of its own, and so have previews and undos."""
    by_hand = (Trigger.MANUAL, *PARTIAL)
    if run.trigger not in by_hand or run.is_preview or run.preview_id:
        return
    after = {"group": run.group.name} if run.group else {}
    audit.record(
        account=run.account,
        user=run.requested_by,
        kind="SYNC_STARTED",
        subject=f"{run.connection.provider}, sync {run.pk}",
        after={**after, **({"person": run.person_id} if run.person_id else {})},
    )


def first_phase(connection: Connection, trigger: str) -> str:
    if trigger == Trigger.UNDO:
        return Phase.PLAN
    if connection.sync_content == SyncContent.COURSES and trigger not in PARTIAL:
        return Phase.COURSES
    return Phase.TEAMS
