"""What the dashboard shows of the account in scope."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q, Subquery
from django.urls import reverse

from groups.models import Group
from groups.sources import source_label
from integrations.models import Connection, Course, GroupLink, SyncRun, Trigger
from integrations.selectors import waiting_runs
from targets.selectors import number_of_targets
from training.services.insights import open_remediations


@dataclass(frozen=True, slots=True)
class Figure:
    label: str
    number: int
    address: str
    icon: str


@dataclass(frozen=True, slots=True)
class Line:
    """A connection with its last run, and the last that was no preview and not for one group or person
    alone; `waiting` are those whose held changes wait for a decision. `next_at` is None while no night does
    anything for it."""

    connection: Connection
    label: str
    run: SyncRun | None
    whole_run: SyncRun | None
    next_at: datetime | None
    waiting: list[SyncRun] = field(default_factory=list)


def figures() -> list[Figure]:
    return [
        Figure(
            "Groups",
            Group.objects.filter(is_archived=False).count(),
            reverse("groups:list"),
            "users-group",
        ),
        Figure("Targets", number_of_targets(), reverse("targets:list"), "users"),
        Figure(
            "Courses",
            Course.objects.filter(is_active=True, gone_at=None).count(),
            reverse("integrations:courses"),
            "book-2",
        ),
        Figure(
            "Open remediations", open_remediations(), reverse("training:enrollments"), "fish-hook"
        ),
    ]


def lines() -> list[Line]:
    """Each connection with its newest runs: three queries however many there are."""
    following = GroupLink.objects.filter(
        connection=OuterRef("pk"), group__auto_sync=True, group__locked=False
    )
    newest = SyncRun.objects.filter(connection=OuterRef("pk")).order_by("-id").values("pk")
    whole = newest.filter(is_preview=False).exclude(trigger__in=(Trigger.ONE, Trigger.PERSON))
    connections = list(
        Connection.objects.order_by("provider").annotate(
            has_nights=Q(is_active=True) | Exists(following),
            newest_run=Subquery(newest[:1]),
            newest_whole_run=Subquery(whole[:1]),
        )
    )
    ids = {pk for each in connections for pk in (each.newest_run, each.newest_whole_run) if pk}
    runs = SyncRun.objects.in_bulk(ids)
    waiting = list(waiting_runs())
    return [_line(connection, runs, waiting) for connection in connections]


def _line(connection: Any, runs: dict[int, SyncRun], every_waiting: list[SyncRun]) -> Line:
    newest, whole = (runs.get(pk) for pk in (connection.newest_run, connection.newest_whole_run))
    waiting = [run for run in every_waiting if run.connection_id == connection.pk]
    for run in filter(None, (newest, whole, *waiting)):
        run.connection = connection
    next_at = connection.next_auto_sync_at if connection.has_nights else None
    return Line(connection, source_label(connection.provider), newest, whole, next_at, waiting)
