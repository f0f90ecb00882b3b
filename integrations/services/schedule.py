"""When a connection syncs by itself, and what the minute's tick does about it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone
from django_scopes import scopes_disabled

from accounts import audit, once, sessions
from integrations.models import Change, Connection, Heartbeat, Mirror, Probe, SentMail
from integrations.services.drifting import report_drift
from integrations.services.forgotten import lapsed_runs, lost_runs
from integrations.services.nights import next_auto_sync, open_nights
from integrations.services.telling import tell_forgotten
from integrations.sync import mirroring
from targets.models import ImportDraft

PROBES_KEPT = timedelta(days=7)
#: Older ones lead to no reading of changes any more.
MIRRORS_KEPT = timedelta(days=8)
MOST_A_TICK = 500
#: No next night is this far away, not even where the clocks change.
FARTHEST_AHEAD = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Tick:
    """Ids of the runs that want a step now: those that have begun before, and those that begin."""

    begun: list[int]
    new: list[int]

    @property
    def run_ids(self) -> list[int]:
        return [*self.begun, *self.new]


@scopes_disabled()
def tick(*, now: datetime | None = None, messages: int = 0) -> Tick:
    """Open the runs that are due and name those that were forgotten, knowing how many messages are on
    the queue. Running it twice changes nothing."""
    moment = now or timezone.now()
    _put_nights_right(moment)
    opened = open_nights(moment) + report_drift(moment)
    begun, lost = lapsed_runs(moment), lost_runs(moment, messages=messages)
    tell_forgotten(moment)
    for name in ("tick", "worker"):
        Heartbeat.objects.update_or_create(name=name, defaults={"beat_at": moment})
    return Tick(begun=begun, new=list(dict.fromkeys([*lost, *opened])))


def _put_nights_right(moment: datetime) -> None:
    """Where the account has moved to another time zone, and where a tick while the clock was ahead has put
    the next night off."""
    is_moved = ~Q(auto_sync_zone=F("account__time_zone"))
    is_far_ahead = Q(next_auto_sync_at__gt=moment + FARTHEST_AHEAD)
    wrong = Connection.objects.filter(is_moved | is_far_ahead)
    for connection in wrong.select_related("account")[:MOST_A_TICK]:
        connection.auto_sync_zone = connection.account.time_zone
        connection.next_auto_sync_at = next_auto_sync(connection, after=moment)
        connection.save(update_fields=["auto_sync_zone", "next_auto_sync_at"])


@scopes_disabled()
def purge(*, now: datetime | None = None) -> None:
    """Forget the rows of old runs (their headers stay), old tests, and keys of tests that ran out."""
    moment = now or timezone.now()
    audit.forget_old(moment)
    sessions.forget_old(moment)
    once.forget_answers(moment)
    ImportDraft.objects.filter(created_at__lt=moment - timedelta(days=1)).delete()
    rows_kept = moment - timedelta(days=settings.KEEP_LOG_DAYS)
    Change.objects.filter(run__finished_at__lt=rows_kept).delete()
    SentMail.objects.filter(created_at__lt=rows_kept).delete()
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
