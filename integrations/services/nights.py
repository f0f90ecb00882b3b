"""Opens the nightly runs that are due, many at once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from integrations.models import OPEN_STATUSES, Connection, GroupLink, SyncRun, Trigger
from integrations.services.runs import new_run
from integrations.sync import store

SPREAD_MINUTES = 15
PAUSED_AFTER = timedelta(days=3)
#: Opened in one transaction, whose locks nobody is to wait long for.
BATCH = 500


def next_auto_sync(connection: Connection, *, after: datetime) -> datetime:
    """The next midnight of the account's time zone, plus up to 15 minutes that the connection's key
    decides, so that not every account starts in the same second. A midnight that a change of clocks
    skips or repeats happens once."""
    zone = ZoneInfo(connection.account.time_zone)
    minutes = timedelta(minutes=connection.pk % SPREAD_MINUTES)
    day = after.astimezone(zone).date()
    while True:
        midnight = datetime.combine(day, time.min, zone).astimezone(ZoneInfo("UTC"))
        if midnight + minutes > after:
            return midnight + minutes
        day += timedelta(days=1)


def open_nights(moment: datetime) -> list[int]:
    """One catch-up run however many nights were missed: the next time is counted from now. A night waits
    for what is open, which may be a preview, or a sync of one group alone. Returns the ids of the runs,
    who is due longest first."""
    opened: list[int] = []
    while due := _open_batch(moment, opened):
        if due < BATCH:
            break
    return opened


@transaction.atomic
def _open_batch(moment: datetime, opened: list[int]) -> int:
    """Another scheduler skips the rows of this one, and finds them moved on afterwards."""
    rows = _due(moment).select_for_update(skip_locked=True, of=("self",))
    due = list(rows.select_related("account")[:BATCH])
    for connection in due:
        connection.next_auto_sync_at = next_auto_sync(connection, after=moment)
    Connection.objects.bulk_update(due, ["next_auto_sync_at"])
    opened += _open([each for each in due if _has_work(each, moment)], moment)
    return len(due)


def _due(moment: datetime) -> QuerySet[Connection]:
    is_open = SyncRun.objects.filter(connection=OuterRef("pk"), status__in=OPEN_STATUSES)
    following = GroupLink.objects.filter(
        connection=OuterRef("pk"), group__auto_sync=True, group__locked=False
    )
    due = Connection.objects.filter(~Exists(is_open), next_auto_sync_at__lte=moment)
    wanted = Q(is_active=True) | Exists(following)
    return due.annotate(is_wanted=wanted).order_by("next_auto_sync_at", "pk")


def _has_work(connection: Connection, moment: datetime) -> bool:
    refused = connection.key_refused_since
    if not connection.api_key_sealed or (refused and moment - refused > PAUSED_AFTER):
        return False
    return bool(connection.is_wanted)  # type: ignore[attr-defined]


def _open(connections: Sequence[Connection], moment: datetime) -> list[int]:
    """A run that somebody opened meanwhile stands for the night."""
    store.insert([new_run(each, Trigger.AUTO, created_at=moment) for each in connections])
    found = SyncRun.objects.filter(connection__in=connections, status__in=OPEN_STATUSES)
    ids = dict(found.values_list("connection_id", "pk"))
    return [ids[each.pk] for each in connections if each.pk in ids]
