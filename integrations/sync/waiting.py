"""Held changes that wait for a decision. They belong to the connection, not to its last run: they outlast
runs that fail, are cancelled, or plan only a part."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from integrations.models import Change, GroupLink, Kind, Outcome, Status, SyncRun, Trigger
from integrations.sync.scope import PARTIAL

HELD_FOR = timedelta(days=7)
REPLACES = (Status.SYNCED, Status.WARNINGS, Status.HELD, Status.UNDONE)
#: In the counts of a run that planned only a part, although it is for no group or person alone.
PARTLY = "FIGURE.partly"
#: The hold reason of a row that a run has left alone, because an earlier one waits with the same.
LEFT = "waits"
PEOPLE = (Kind.PERSON, Kind.MEMBERSHIP)
BATCH = 2000


def waiting_runs(now: datetime | None = None) -> QuerySet[SyncRun]:
    """Those whose held changes may still be decided, unless a sync is open."""
    since = (now or timezone.now()) - HELD_FOR
    held = SyncRun.objects.filter(status=Status.HELD, is_preview=False, finished_at__gte=since)
    return held.exclude(Exists(_replacing())).order_by("pk")


def is_replaced(run: SyncRun) -> bool:
    return SyncRun.objects.filter(Exists(_replacing()), pk=run.pk).exists()


def _replacing() -> QuerySet[SyncRun]:
    """Newer runs that ended well: with a complete plan, or with one of the same part."""
    newer = SyncRun.objects.filter(
        connection=OuterRef("connection"),
        pk__gt=OuterRef("pk"),
        is_preview=False,
        status__in=REPLACES,
    )
    is_complete = ~Q(trigger__in=PARTIAL) & ~Q(counts__has_key=PARTLY)
    is_same_night = Q(trigger=Trigger.AUTO) & Q(trigger=OuterRef("trigger"))
    is_same_group = Q(trigger=Trigger.ONE) & Q(trigger=OuterRef("trigger"), group=OuterRef("group"))
    return newer.filter(is_complete | is_same_night | is_same_group)


def is_partly(run: SyncRun) -> bool:
    """A night passes over groups whose Auto-Sync is off, and over new ones while the connection is off."""
    if run.trigger in PARTIAL:
        return True
    if run.trigger != Trigger.AUTO:
        return False
    links = GroupLink.objects.filter(connection=run.connection, gone_at=None)
    passed_over = links.filter(
        group__auto_sync=False, group__locked=False, group__is_archived=False
    )
    return not run.connection.is_active or passed_over.exists()


def leave_alone(run: SyncRun) -> None:
    """A run of a part leaves whoever and whatever waits for a decision as it is."""
    run.counts[PARTLY] = 1
    waiting = waiting_runs().filter(connection=run.connection)
    if run.trigger == Trigger.AUTO:
        waiting = waiting.exclude(trigger=Trigger.AUTO)
    if run.trigger == Trigger.ONE:
        waiting = waiting.exclude(trigger=Trigger.ONE, group=run.group_id)
    runs = list(waiting.values_list("pk", flat=True))
    if runs:
        _leave(run, Change.objects.filter(run__in=runs, outcome=Outcome.HELD))


def _leave(run: SyncRun, held: QuerySet[Change]) -> None:
    people = held.filter(kind__in=PEOPLE).values_list("target_id", "integration_id")
    targets = {target_id for target_id, _ in people if target_id}
    ids = {integration_id for _, integration_id in people if integration_id}
    groups = set(held.filter(kind=Kind.GROUP).values_list("group_id", flat=True)) - {None}
    planned = Change.objects.filter(run=run, outcome=Outcome.PLANNED)
    rows = planned.values_list("pk", "kind", "target_id", "integration_id", "group_id")
    mine = [
        pk
        for pk, kind, target_id, integration_id, group_id in rows.iterator()
        if (kind in PEOPLE and (target_id in targets or integration_id in ids))
        or (kind == Kind.GROUP and group_id in groups)
    ]
    for start in range(0, len(mine), BATCH):
        part = planned.filter(pk__in=mine[start : start + BATCH])
        part.update(outcome=Outcome.SKIPPED, hold_reason=LEFT)
