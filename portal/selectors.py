"""What the dashboard shows of the account in scope."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, Q
from django.urls import reverse

from accounts.models import Account
from groups.models import Group
from groups.sources import source_label
from integrations import wording
from integrations.models import Connection, Course, GroupLink, Status, SyncRun
from integrations.selectors import SILENT, is_scheduler_silent
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
    """A connection with its last run; `next_at` is None while no night does anything for it."""

    connection: Connection
    label: str
    run: SyncRun | None
    next_at: datetime | None


@dataclass(frozen=True, slots=True)
class Attention:
    """Something an administrator should see to. `address` is where."""

    text: str
    cure: str = ""
    address: str = ""
    link: str = ""


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
    """Each connection with its newest run: two queries however many there are."""
    following = GroupLink.objects.filter(
        connection=OuterRef("pk"), group__auto_sync=True, group__locked=False
    )
    connections = list(
        Connection.objects.order_by("provider").annotate(
            has_nights=Q(is_active=True) | Exists(following)
        )
    )
    newer = SyncRun.objects.filter(connection=OuterRef("connection"), pk__gt=OuterRef("pk"))
    newest = SyncRun.objects.filter(~Exists(newer), connection__in=connections)
    runs = {run.connection_id: run for run in newest}
    return [
        Line(
            connection,
            source_label(connection.provider),
            runs.get(connection.pk),
            connection.next_auto_sync_at if connection.has_nights else None,
        )
        for connection in connections
    ]


def attention(account: Account, found: list[Line], now: datetime) -> list[Attention]:
    return [*_of_account(account, found), *_of_runs(found), *_of_schedule(found, now)]


def _of_account(account: Account, found: list[Line]) -> Iterator[Attention]:
    if found and not account.account_manager_email:
        yield Attention(
            "No Account Manager Email is set, so nobody is told when a sync ends.",
            address=reverse("accounts:notifications"),
            link="Open Notifications",
        )


def _of_runs(found: list[Line]) -> Iterator[Attention]:
    for line in found:
        run = line.run
        if run is None or run.status not in (Status.FAILED, Status.HELD):
            continue
        what, cure = f"{line.label} has changes that are held.", "Look at them in the log."
        if run.status == Status.FAILED:
            what, cure = wording.error_sentence(run.error_code, run.error_detail, line.label)
        address = reverse("integrations:run", args=[line.connection.provider, run.pk])
        yield Attention(what, cure, address, "Last Sync Logs")


def _of_schedule(found: list[Line], now: datetime) -> Iterator[Attention]:
    if not found:
        return
    if is_scheduler_silent(now):
        yield Attention(*SILENT)
