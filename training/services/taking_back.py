"""Withdrawing many enrolments: a page marks them, and the lane takes them back at the LMS."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from integrations.contract.errors import BudgetEmpty, Credentials, Fatal, IntegrationError, Missing
from training.models import TO_ASK, WATCHED, Enrollment, State, Step, Way
from training.services.lanes import fenced
from training.services.looking import PATIENCE, SOONEST
from training.services.settling import pause_after
from training.services.timeline import note_each
from training.services.turn import Turn

BATCH = 500
#: The reason of one that was on the person's list at the LMS before.
ALREADY = "already"


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """How many are withdrawn now, and how many when the LMS has been asked."""

    at_once: int = 0
    at_lms: int = 0

    @property
    def total(self) -> int:
        return self.at_once + self.at_lms


def of_bots() -> QuerySet[Enrollment]:
    """Those asked for at the LMS whose action turned out to be a bot's afterwards."""
    open_ones = Enrollment.objects.filter(action__is_bot=True, state__in=(*TO_ASK, *WATCHED))
    return open_ones.exclude(asked_at=None).exclude(reason=ALREADY)


@transaction.atomic
def withdraw_all(
    *, rows: QuerySet[Enrollment], reason: str, now: datetime | None = None
) -> Withdrawn:
    """Those that wait or are watched; what somebody else had assigned stays at the LMS."""
    moment = now or timezone.now()
    able = rows.filter(state__in=(*TO_ASK, *WATCHED)).order_by("pk")
    ids = list(able.values_list("pk", flat=True))
    found: list[Enrollment] = []
    for start in range(0, len(ids), BATCH):
        part = ids[start : start + BATCH]
        found += Enrollment.objects.select_for_update(of=("self",)).filter(pk__in=part)
    there = [row for row in found if row.asked_at and row.connection_id and row.reason != ALREADY]
    at_lms = {row.pk for row in there}
    gone = [row for row in found if row.pk not in at_lms]
    _put(gone, State.WITHDRAWN, reason, moment)
    _put(there, State.WITHDRAWING, reason, moment)
    return Withdrawn(len(gone), len(there))


def _put(rows: Sequence[Enrollment], state: State, reason: str, now: datetime) -> None:
    for start in range(0, len(rows), BATCH):
        ids = [row.pk for row in rows[start : start + BATCH]]
        Enrollment.objects.filter(pk__in=ids).update(
            state=state, reason=reason, due_at=now, attempts=0
        )
    note_each(rows, Step(state.value), {"reason": reason}, at=now)


def take_back(turn: Turn) -> bool:
    """False when time ran out before. One call for each."""
    due = Enrollment.objects.filter(
        connection=turn.lane.connection_id, state=State.WITHDRAWING, due_at__lte=timezone.now()
    )
    for row in due.select_related("course").order_by("due_at", "pk"):
        if turn.is_time_up():
            return False
        _take_back(turn, row)
    return True


def hand_over(row: Enrollment) -> bool:
    """Returns whether another enrolment of the same person and course is at the LMS as well: what is there
    is that one's from now on, and stays."""
    is_done_there = Q(state=State.COMPLETED) & ~Q(reason="by_hand")
    twins = Enrollment.objects.filter(
        Q(state__in=(State.REQUESTED, *WATCHED)) | is_done_there,
        connection=row.connection_id,
        target=row.target_id,
        course=row.course_id,
    ).exclude(pk=row.pk)
    twins.filter(reason=ALREADY).update(reason="")
    return twins.exists()


def _take_back(turn: Turn, row: Enrollment) -> None:
    """Once more made sure of the lane just before the call: what another worker has assigned anew since
    must not be taken away."""
    with fenced(turn.lane):
        if not _still(row).exists():
            return
        is_another_s = hand_over(row)
    if is_another_s:
        _end(turn, row, State.WITHDRAWN, row.reason, Step.WITHDRAWN)
        return
    try:
        turn.session.unassign_course(row.person_id, row.course.integration_id)
    except Missing:
        if _may_still_come(row):
            _later(turn, row, SOONEST)
            return
    except (BudgetEmpty, Credentials):
        raise
    except Fatal:
        _end(turn, row, State.ASSIGNED, "not_withdrawn", Step.STAYS)
        return
    except IntegrationError:
        _later(turn, row, timedelta(seconds=pause_after(row.attempts + 1)))
        raise
    _end(turn, row, State.WITHDRAWN, row.reason, Step.WITHDRAWN)


def _may_still_come(row: Enrollment) -> bool:
    """An import is carried out some time after it was asked for."""
    is_open = row.way == Way.IMPORT and row.assigned_at is None
    return bool(is_open and row.asked_at and timezone.now() - row.asked_at < PATIENCE)


def _later(turn: Turn, row: Enrollment, pause: timedelta) -> None:
    with fenced(turn.lane):
        _still(row).update(due_at=timezone.now() + pause, attempts=row.attempts + 1)


def _end(turn: Turn, row: Enrollment, state: State, reason: str, step: Step) -> None:
    with fenced(turn.lane):
        if _still(row).update(state=state, reason=reason):
            note_each([row], step, {"reason": reason}, at=timezone.now())


def _still(row: Enrollment) -> QuerySet[Enrollment]:
    return Enrollment.objects.filter(Q(pk=row.pk, state=State.WITHDRAWING))
