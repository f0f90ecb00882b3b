"""Turning an integration off, and removing it: what would go on by itself is stopped in the same step."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction
from django.db.models import QuerySet

from accounts import audit
from accounts.models import User
from groups.models import Group
from integrations.models import (
    OPEN_STATUSES,
    Connection,
    DefaultLms,
    Probe,
    SyncRun,
    Trigger,
)
from integrations.services.cancelling import cancel_run

AUTOMATIC = (Trigger.SAVE, Trigger.AUTO)


@dataclass(frozen=True, slots=True)
class GoingOn:
    """What an integration that is off goes on with: groups that follow their team by night, and
    enrolling through it by default."""

    groups: int
    is_default_lms: bool


def going_on(connection: Connection) -> GoingOn:
    is_default = connection.default_lms == DefaultLms.ALL_GROUPS
    return GoingOn(_following(connection).count(), is_default)


def _following(connection: Connection) -> QuerySet[Group]:
    return Group.objects.filter(links__connection=connection, auto_sync=True)


@transaction.atomic
def turn_off(
    *, connection: Connection, user: User | None, stops_auto_sync: bool, stops_default_lms: bool
) -> int:
    """Set Active to No. Returns for how many groups Auto-Sync was turned off."""
    runs = SyncRun.objects.filter(connection=connection, trigger__in=AUTOMATIC)
    runs.filter(status__in=OPEN_STATUSES).update(is_cancel_requested=True)
    groups = _following(connection).update(auto_sync=False) if stops_auto_sync else 0
    connection.is_active = False
    if stops_default_lms:
        connection.default_lms = DefaultLms.NONE
    connection.save(update_fields=["is_active", "default_lms"])
    _record(connection, user, "INTEGRATION_TURNED_OFF", groups)
    return groups


def remove(*, connection: Connection, user: User | None) -> int:
    """Forget the key at once and end what runs; groups, people, courses and history stay. Returns for
    how many groups Auto-Sync was turned off. Setting it up again goes on where this one ended."""
    for run in SyncRun.objects.filter(connection=connection, status__in=OPEN_STATUSES):
        cancel_run(run=run, user=user)
    with transaction.atomic():
        return _remove(connection, user)


def _remove(connection: Connection, user: User | None) -> int:
    Probe.objects.filter(account=connection.account, provider=connection.provider).delete()
    groups = _following(connection).update(auto_sync=False)
    for name in ("api_key_sealed", "api_key_last4", "api_key_fingerprint", "failure_mailed_code"):
        setattr(connection, name, "")
    connection.key_set_at = connection.key_set_by = connection.key_refused_since = None
    connection.next_auto_sync_at = None
    connection.is_active = False
    connection.default_lms = DefaultLms.NONE
    connection.save()
    _record(connection, user, "INTEGRATION_REMOVED", groups)
    return groups


def _record(connection: Connection, user: User | None, kind: str, groups: int) -> None:
    audit.record(
        account=connection.account,
        user=user,
        kind=kind,
        subject=connection.provider,
        after={"groups_without_auto_sync": groups},
    )
