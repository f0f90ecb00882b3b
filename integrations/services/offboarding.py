"""Turning an integration off, and removing it: what would go on by itself is stopped in the same step."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Protocol

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
from integrations.sync import mirroring

AUTOMATIC = (Trigger.SAVE, Trigger.AUTO)


class Dependant(Protocol):
    """What a room above this one does through a connection."""

    #: Of its tick box.
    name: str

    def count(self, connection: Connection) -> int: ...
    def told_when_off(self, number: int) -> str:
        """Beside the tick box that stops it."""
        ...

    def told_when_removed(self, number: int) -> str: ...
    def stop(self, connection: Connection) -> int:
        """Returns how many were stopped. Called in the transaction that turns the integration off."""
        ...


_dependants: dict[str, Dependant] = {}


def register_dependant(dependant: Dependant) -> None:
    """Once for each room, when it is loaded."""
    _dependants[dependant.name] = dependant


@dataclass(frozen=True, slots=True)
class Line:
    name: str
    when_off: str
    when_removed: str


@dataclass(frozen=True, slots=True)
class GoingOn:
    """What an integration that is off goes on with: groups that follow their team by night, enrolling
    through it by default, and what other rooms do through it."""

    groups: int
    is_default_lms: bool
    others: list[Line] = field(default_factory=list)

    @property
    def is_anything(self) -> bool:
        return bool(self.groups or self.is_default_lms or self.others)


def going_on(connection: Connection) -> GoingOn:
    is_default = connection.default_lms == DefaultLms.ALL_GROUPS
    counted = [(one, one.count(connection)) for one in _dependants.values()]
    lines = [
        Line(one.name, one.told_when_off(number), one.told_when_removed(number))
        for one, number in counted
        if number
    ]
    return GoingOn(_following(connection).count(), is_default, lines)


def _following(connection: Connection) -> QuerySet[Group]:
    return Group.objects.filter(links__connection=connection, auto_sync=True)


@transaction.atomic
def turn_off(
    *,
    connection: Connection,
    user: User | None,
    stops_auto_sync: bool,
    stops_default_lms: bool,
    stops: Collection[str] = (),
) -> int:
    """Set Active to No. `stops` are names of dependants. Returns for how many groups Auto-Sync was turned
    off."""
    runs = SyncRun.objects.filter(connection=connection, trigger__in=AUTOMATIC)
    runs.filter(status__in=OPEN_STATUSES).update(is_cancel_requested=True)
    groups = _following(connection).update(auto_sync=False) if stops_auto_sync else 0
    stopped = {name: one.stop(connection) for name, one in _dependants.items() if name in stops}
    connection.is_active = False
    if stops_default_lms:
        connection.default_lms = DefaultLms.NONE
    connection.save(update_fields=["is_active", "default_lms"])
    _record(connection, user, "INTEGRATION_TURNED_OFF", groups, stopped)
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
    mirroring.forget(connection)
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


def _record(
    connection: Connection,
    user: User | None,
    kind: str,
    groups: int,
    stopped: Mapping[str, int] | None = None,
) -> None:
    audit.record(
        account=connection.account,
        user=user,
        kind=kind,
        subject=connection.provider,
        after={"groups_without_auto_sync": groups, **(stopped or {})},
    )
