"""When a connection syncs by itself, and what the minute's tick does about it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone
from django_scopes import scopes_disabled

from accounts import audit, once
from integrations.models import (
    OPEN_STATUSES,
    Change,
    Connection,
    Heartbeat,
    Mirror,
    Probe,
    SentMail,
    SyncRun,
    Trigger,
)
from integrations.services.drifting import report_drift
from integrations.services.runs import open_run
from integrations.services.telling import tell_forgotten
from integrations.sync import mirroring

SPREAD_MINUTES = 15
STALE_QUEUE = timedelta(seconds=60)
ROWS_KEPT = timedelta(days=90)
PROBES_KEPT = timedelta(days=7)
#: Older ones lead to no reading of changes any more.
MIRRORS_KEPT = timedelta(days=8)
MOST_A_TICK = 500


@dataclass(frozen=True, slots=True)
class Tick:
    """Ids of the runs that want a step now."""

    run_ids: list[int]


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


@scopes_disabled()
def tick(*, now: datetime | None = None) -> Tick:
    """Open the runs that are due and name those that were forgotten. Running it twice changes nothing."""
    moment = now or timezone.now()
    _follow_time_zones(moment)
    opened = _open_due(moment) + report_drift(moment)
    forgotten = _forgotten(moment)
    tell_forgotten(moment)
    for name in ("tick", "worker"):
        Heartbeat.objects.update_or_create(name=name, defaults={"beat_at": moment})
    return Tick(run_ids=[*opened, *(run_id for run_id in forgotten if run_id not in opened)])


def _follow_time_zones(moment: datetime) -> None:
    moved = Connection.objects.exclude(auto_sync_zone=F("account__time_zone"))
    for connection in moved.select_related("account")[:MOST_A_TICK]:
        connection.auto_sync_zone = connection.account.time_zone
        connection.next_auto_sync_at = next_auto_sync(connection, after=moment)
        connection.save(update_fields=["auto_sync_zone", "next_auto_sync_at"])


def _open_due(moment: datetime) -> list[int]:
    """One catch-up run however many nights were missed: the next time is counted from now. A night waits
    for what is open, which may be a preview, or a sync of one group alone."""
    is_open = SyncRun.objects.filter(connection=OuterRef("pk"), status__in=OPEN_STATUSES)
    due = Connection.objects.filter(~Exists(is_open), next_auto_sync_at__lte=moment)
    due = due.select_related("account")
    runs = []
    for connection in due.order_by("next_auto_sync_at")[:MOST_A_TICK]:
        next_at = next_auto_sync(connection, after=moment)
        is_ours = Connection.objects.filter(
            pk=connection.pk, next_auto_sync_at=connection.next_auto_sync_at
        ).update(next_auto_sync_at=next_at)
        if is_ours and _has_work(connection, moment):
            runs.append(open_run(connection=connection, trigger=Trigger.AUTO).run.pk)
    return runs


PAUSED_AFTER = timedelta(days=3)


def _has_work(connection: Connection, moment: datetime) -> bool:
    refused = connection.key_refused_since
    if not connection.api_key_sealed or (refused and moment - refused > PAUSED_AFTER):
        return False
    following = connection.group_links.filter(group__auto_sync=True, group__locked=False)
    return connection.is_active or following.exists()


def _forgotten(moment: datetime) -> list[int]:
    """Queued without a step, waiting past its time, or held by a worker whose lease ran out."""
    waiting = Q(lease_until=None) & (
        Q(next_attempt_at__lte=moment)
        | Q(next_attempt_at=None, created_at__lte=moment - STALE_QUEUE)
    )
    lapsed = Q(lease_until__lt=moment)
    runs = SyncRun.objects.filter(waiting | lapsed, status__in=OPEN_STATUSES)
    return list(runs.order_by("id").values_list("id", flat=True)[:MOST_A_TICK])


@scopes_disabled()
def purge(*, now: datetime | None = None) -> None:
    """Forget the rows of old runs (their headers stay), old tests, and keys of tests that ran out."""
    moment = now or timezone.now()
    audit.forget_old(moment)
    once.forget_answers(moment)
    Change.objects.filter(run__finished_at__lt=moment - ROWS_KEPT).delete()
    SentMail.objects.filter(created_at__lt=moment - ROWS_KEPT).delete()
    for mirror in Mirror.objects.filter(read_at__lt=moment - MIRRORS_KEPT):
        mirroring.forget(mirror.connection)
    expired = Probe.objects.filter(created_at__lt=moment - Probe.VALID_FOR)
    expired.exclude(api_key_sealed="").update(api_key_sealed="")
    newest = Probe.objects.filter(
        account=OuterRef("account"),
        provider=OuterRef("provider"),
        has_passed=True,
        created_at__gt=OuterRef("created_at"),
    )
    old = Probe.objects.filter(created_at__lt=moment - PROBES_KEPT)
    old.filter(Q(has_passed=False) | Exists(newest)).delete()
