"""One card per provider: its connection, its state and how far an open run is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property

from django.db.models import OuterRef, QuerySet, Subquery
from django.utils import timezone

from integrations import budget, registry, wording
from integrations.contract.provider import Provider
from integrations.models import (
    OPEN_STATUSES,
    Connection,
    GroupLink,
    StagedTeam,
    Status,
    SyncRun,
    Trigger,
)
from integrations.reading_lines import nightly_line
from integrations.selectors.held import Weighed, hold_figures
from integrations.sync.waiting import waiting_runs

COLOURS: dict[str, str] = {
    Status.QUEUED: "azure",
    Status.RUNNING: "blue",
    Status.SYNCED: "green",
    Status.WARNINGS: "yellow",
    Status.HELD: "orange",
    Status.FAILED: "red",
    Status.CANCELLED: "secondary",
    Status.PREVIEWED: "azure",
    Status.UNDONE: "secondary",
}
RUN_NAMES = ("open_run", "whole_run", "good_run", "newest_run")


@dataclass(frozen=True, slots=True)
class Progress:
    """`time_left` is None while it can't be known, `meter` empty while no call is counted."""

    phase: str
    so_far: list[tuple[str, int]] = field(default_factory=list)
    time_left: timedelta | None = None
    meter: str = ""


@dataclass(frozen=True)
class Card:
    """`run` is the one the badge tells of, `waiting` those whose held changes wait for a decision,
    whatever came after them. `preview` is one that nothing came after. `has_history`: it was
    set up once, and removed. `following` counts the groups that still follow their team every night
    while the connection is off."""

    provider: Provider
    connection: Connection | None = None
    run: SyncRun | None = None
    preview: SyncRun | None = None
    waiting: list[SyncRun] = field(default_factory=list)
    progress: Progress | None = None
    following: int = 0
    has_history: bool = False

    @property
    def state(self) -> str:
        if self.connection is None:
            return "Not set up"
        if self.run:
            return wording.status_label(self.run)
        return "Not synced yet" if self.connection.is_active else "Off"

    @property
    def colour(self) -> str:
        return COLOURS[self.run.status] if self.run else "secondary"

    @property
    def trouble(self) -> str:
        """What a person should know of how the last run ended; empty when all went well."""
        if self.run is None or self.run.status != Status.FAILED:
            return ""
        code = self.run.error_code
        return " ".join(wording.error_sentence(code, provider=self.provider.label))

    @cached_property
    def holds(self) -> list[tuple[SyncRun, list[Weighed]]]:
        """What waits for a decision, for the banner; a query where a group's own limit was passed."""
        return [(run, hold_figures(run)) for run in self.waiting]

    @property
    def can_retry(self) -> bool:
        run = self.run
        return bool(run and run.status == Status.FAILED and run.trigger != Trigger.UNDO)

    @property
    def is_nightly(self) -> bool:
        """Whether the next night has something to do."""
        return bool(self.connection and (self.connection.is_active or self.following))

    @property
    def nightly_reading(self) -> str:
        return nightly_line(getattr(self.connection, "mirror", None)) if self.is_nightly else ""

    @property
    def is_one_time(self) -> bool:
        return bool(self.run and self.run.is_one_time)


def connection_of(provider: str) -> Connection | None:
    """The connection to this provider in the account in scope."""
    return Connection.objects.select_related("key_set_by").filter(provider=provider).first()


def cards() -> list[Card]:
    """A card for every provider there is, in the order of the registry."""
    known = {connection.provider: connection for connection in _connections()}
    runs = _runs(known.values())
    waiting = _waiting()
    return [_card(registry.get(key), known.get(key), runs, waiting) for key in registry.PROVIDERS]


def card_of(provider: str) -> Card:
    found = _connections().filter(provider=provider)
    return _card(registry.get(provider), found.first(), _runs(found), _waiting())


def _waiting() -> list[SyncRun]:
    return list(waiting_runs().select_related("connection"))


def _connections() -> QuerySet[Connection]:
    """Each with the ids of its newest run, its open run, and of its newest whole run: not for one group
    alone, and of those the newest that ended well."""
    newest = SyncRun.objects.filter(connection=OuterRef("pk")).order_by("-id").values("pk")
    whole = newest.filter(is_preview=False).exclude(trigger__in=(Trigger.ONE, Trigger.PERSON))
    return Connection.objects.select_related("mirror").annotate(
        newest_run=Subquery(newest[:1]),
        open_run=Subquery(newest.filter(status__in=OPEN_STATUSES)[:1]),
        whole_run=Subquery(whole[:1]),
        good_run=Subquery(whole.filter(status__in=(Status.SYNCED, Status.WARNINGS))[:1]),
    )


def _runs(connections: Iterable[Connection]) -> dict[int, SyncRun]:
    ids = {getattr(connection, name) for connection in connections for name in RUN_NAMES}
    return SyncRun.objects.in_bulk([pk for pk in ids if pk])


def _card(
    provider: Provider,
    connection: Connection | None,
    runs: dict[int, SyncRun],
    every_waiting: list[SyncRun],
) -> Card:
    if connection is None or not connection.api_key_sealed:
        return Card(provider, has_history=connection is not None)
    open_run, whole_run, good_run, newest = (
        runs.get(getattr(connection, name)) for name in RUN_NAMES
    )
    following = _following(connection)
    waiting = [run for run in every_waiting if run.connection_id == connection.pk]
    if open_run:
        open_run.connection = connection
        progress = progress_of(open_run, good_run)
        return Card(
            provider,
            connection,
            open_run,
            waiting=waiting,
            progress=progress,
            following=following,
        )
    is_told = connection.is_active or (whole_run and whole_run.is_one_time)
    return Card(
        provider,
        connection,
        whole_run if is_told else None,
        waiting=waiting,
        preview=newest if newest and newest.status == Status.PREVIEWED else None,
        following=following,
    )


def _following(connection: Connection) -> int:
    """Groups that follow their team by night even while the connection is off."""
    if connection.is_active:
        return 0
    links = GroupLink.objects.filter(connection=connection, group__auto_sync=True)
    return links.filter(group__locked=False, group__is_archived=False).count()


def progress_of(run: SyncRun, previous: SyncRun | None = None) -> Progress:
    meter = _meter(run.connection.api_key_fingerprint)
    return Progress(wording.phase_label(run), _so_far(run), _time_left(run, previous), meter)


def _meter(fingerprint: str) -> str:
    usage = budget.usage_of(fingerprint) if fingerprint else None
    return wording.meter_line(usage) if usage and usage.total else ""


def _so_far(run: SyncRun) -> list[tuple[str, int]]:
    """What was read up to now; nothing before the first page is in."""
    if run.status != Status.RUNNING:
        return []
    teams = StagedTeam.objects.filter(run=run, is_listed=True).count()
    read = [
        ("teams", teams),
        ("people", run.cursor.get("received", 0)),
        ("courses", run.cursor.get("courses_received", 0)),
    ]
    return [(name, number) for name, number in read if number]


def _time_left(
    run: SyncRun, previous: SyncRun | None, now: datetime | None = None
) -> timedelta | None:
    """Judged by the calls that the last good sync of the connection took."""
    if run.started_at is None or previous is None or run.trigger in (Trigger.ONE, Trigger.PERSON):
        return None
    if not 0 < run.calls < previous.calls:
        return None
    elapsed = (now or timezone.now()) - run.started_at
    return elapsed * ((previous.calls - run.calls) / run.calls)
