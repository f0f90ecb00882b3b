"""One step of a connection's lane: asks for what is due, and reads completions from time to time."""

from __future__ import annotations

import logging
import time
from contextlib import closing
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils import timezone
from django_scopes import scope, scopes_disabled

from integrations.contract.errors import BudgetEmpty, IntegrationError, Retryable
from integrations.contract.provider import Session
from integrations.models import Connection
from integrations.services.connecting import connect_to
from training.models import TO_ASK, WATCHED, Enrollment, Lane, State, Way
from training.services import lanes
from training.services.asking import Person, ask_people, chunks
from training.services.following import follow_people
from training.services.importing import ask_wave
from training.services.looking import look_after
from training.services.polling import poll_every, read_progress
from training.services.settling import end, pause_after
from training.services.taking_back import take_back
from training.services.turn import Turn

logger = logging.getLogger(__name__)
#: Shorter than a step of a sync, since it shares its queue with the ticks.
MOST_SECONDS = 20.0
MOST_ROWS = 500
#: Without one nothing can be taken back or looked at; what waits ends as not possible.
HAS_KEY = ~Q(connection__api_key_sealed="")


@scopes_disabled()
def due_connections(*, now: datetime | None = None) -> list[int]:
    """Ids of the connections whose LMS is to be asked something now."""
    moment = now or timezone.now()
    to_ask = Enrollment.objects.filter(state__in=TO_ASK, due_at__lte=moment)
    withdrawing = Enrollment.objects.filter(HAS_KEY, state=State.WITHDRAWING, due_at__lte=moment)
    watched = Enrollment.objects.filter(HAS_KEY, state__in=WATCHED).exclude(
        connection__lane__polled_at__gt=moment - poll_every()
    )
    wanted = _connections(to_ask).union(_connections(withdrawing), _connections(watched))
    is_free = Q(lane=None) | Q(lane__lease_until=None) | Q(lane__lease_until__lt=moment)
    is_time = Q(lane__next_attempt_at=None) | Q(lane__next_attempt_at__lte=moment)
    ids = [row["connection_id"] for row in wanted if row["connection_id"]]
    return list(
        Connection.objects.filter(is_free, is_time, pk__in=ids).values_list("pk", flat=True)
    )


def _connections(rows: QuerySet[Enrollment]) -> Any:
    return rows.order_by().values("connection_id")


def advance_lane(*, connection_id: int) -> float | None:
    """Returns the seconds until the next step wants to be queued; None when there is nothing to do."""
    with scopes_disabled():
        connection = Connection.objects.select_related("account").filter(pk=connection_id).first()
    if connection is None:
        return None
    with scope(account=connection.account):
        lane = lanes.claim(connection)
        return _step(lane, connection) if lane else None


def _step(lane: Lane, connection: Connection) -> float | None:
    until = time.monotonic() + min(MOST_SECONDS, settings.STEP_SECONDS)
    try:
        return _worked(lane, connection, until)
    except lanes.LeaseLost:
        logger.info("the lane of connection %s was taken over", connection.pk)
        return None


def _worked(lane: Lane, connection: Connection, until: float) -> float | None:
    if not connection.api_key_sealed:
        end(list(_due(lane)), lane, State.NOT_POSSIBLE, "no_key")
        lanes.give_back(lane)
        return None
    try:
        with closing(connect_to(connection, "ENROLL")) as session:
            is_done = _work(lane, session, until)
    except BudgetEmpty as error:
        seconds = error.delay_seconds or 1.0
        lanes.give_back(lane, after_seconds=seconds)
        return seconds
    except IntegrationError as error:
        logger.warning("enrolling through connection %s: %s", connection.pk, error.code)
        _back_off(lane, error)
        return None
    lanes.give_back(lane, failures=0, error_code="")
    return None if is_done else 0.0


def _back_off(lane: Lane, error: IntegrationError) -> None:
    failures = lane.failures + 1
    seconds = error.delay_seconds if isinstance(error, Retryable) else None
    lanes.give_back(
        lane,
        after_seconds=seconds or pause_after(failures),
        failures=failures,
        error_code=error.code,
    )


def _work(lane: Lane, session: Session, until: float) -> bool:
    """Whether everything that was due is done."""

    def is_time_up() -> bool:
        return time.monotonic() >= until

    turn = Turn(session, lane, is_time_up)
    return (
        take_back(turn)
        and follow_people(turn)
        and look_after(turn, lane.size or 0)
        and ask_wave(turn)
        and _ask_singly(turn)
        and read_progress(turn)
    )


def _ask_singly(turn: Turn) -> bool:
    due = _due_people(turn.lane)
    for part in chunks(due):
        ask_people(turn.session, turn.lane, part)
        if turn.is_time_up():
            return False
    return sum(len(one.rows) for one in due) < MOST_ROWS


def _due(lane: Lane) -> QuerySet[Enrollment]:
    return Enrollment.objects.filter(
        connection=lane.connection_id, state__in=TO_ASK, due_at__lte=timezone.now()
    )


def _due_people(lane: Lane) -> list[Person]:
    """Each person with all that is due for them, who waits longest first."""
    due = (
        _due(lane)
        .exclude(way=Way.IMPORT)
        .select_related("target", "course", "campaign", "connection", "action")
        .order_by("due_at", "pk")[:MOST_ROWS]
    )
    found: dict[int, Person] = {}
    for row in due:
        found.setdefault(row.target_id, Person(row.target, [])).rows.append(row)
    return list(found.values())
