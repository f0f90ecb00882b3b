"""What waits for each LMS, and how asking it goes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Count, Q
from django.utils import timezone

from accounts import audit
from integrations import registry
from integrations.contract.provider import Capability
from integrations.models import Connection
from training.models import TO_ASK, WATCHED, Enrollment, Lane, State
from training.services.lms import enrolling_connections


@dataclass(frozen=True, slots=True)
class Queue:
    """`due` are to be asked for or read back now, `waiting` later, `watched` are assigned and not
    completed; `tells`: the LMS can tell completions itself."""

    connection: Connection
    lane: Lane
    tells: bool
    due: int = 0
    waiting: int = 0
    watched: int = 0
    withdrawing: int = 0


def queues() -> list[Queue]:
    """One for each connection in scope that can enrol; three queries however many there are."""
    made = enrolling_connections()
    lanes = {one.connection_id: one for one in Lane.objects.filter(connection__in=made)}
    counted = _counted(made)
    return [
        Queue(
            connection=one,
            lane=lanes.get(one.pk, Lane()),
            tells=Capability.COMPLETION in registry.get(one.provider).capabilities,
            **counted.get(one.pk, {}),
        )
        for one in made
    ]


def _counted(connections: list[Connection]) -> dict[int, Mapping[str, int]]:
    now, rows = timezone.now(), Enrollment.objects.filter(connection__in=connections)
    is_open, is_due = Q(state__in=TO_ASK), Q(due_at__lte=now)
    numbers = {
        "due": Count("pk", filter=is_open & is_due),
        "waiting": Count("pk", filter=is_open & ~is_due),
        "watched": Count("pk", filter=Q(state__in=WATCHED)),
        "withdrawing": Count("pk", filter=Q(state=State.WITHDRAWING)),
    }
    found = rows.order_by().values_list("connection_id").annotate(**numbers)
    return {pk: dict(zip(numbers, row, strict=True)) for pk, *row in found}


@transaction.atomic
def set_creates_people(*, connection: Connection, creates_people: bool) -> None:
    lane, _ = Lane.objects.get_or_create(
        connection=connection, defaults={"account_id": connection.account_id}
    )
    audit.record_change(
        account=connection.account,
        kind="LMS_PEOPLE_SAVED",
        subject=connection.provider,
        before={"creates_people": lane.creates_people},
        after={"creates_people": creates_people},
    )
    Lane.objects.filter(pk=lane.pk).update(creates_people=creates_people)
