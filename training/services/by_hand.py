"""What an Administrator does with one enrolment."""

from __future__ import annotations

from contextlib import closing, suppress
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from accounts import audit
from accounts.models import Account
from integrations.contract.errors import Missing
from integrations.services.connecting import connect_to
from training.models import TO_ASK, WATCHED, Enrollment, State, Step
from training.services.planning import connection_for, why_not
from training.services.timeline import note_each

WAITS_SECONDS = 20.0
#: The reason of one that was on the person's list at the LMS before.
ALREADY = "already"
ENDED = (State.NOT_POSSIBLE, State.FAILED, State.WITHDRAWN)


class NotNow(Exception):
    """The enrolment is in a state that this can't be done in."""


@transaction.atomic
def _move(
    row: Enrollment, allowed: tuple[State, ...], kind: str, step: Step, **fields: object
) -> Enrollment:
    fresh = Enrollment.objects.select_for_update().select_related("target", "course").get(pk=row.pk)
    if fresh.state not in allowed or fresh.asked_at != row.asked_at:
        raise NotNow
    for name, value in fields.items():
        setattr(fresh, name, value)
    fresh.save(update_fields=list(fields))
    audit.record(account=fresh.account, kind=kind, subject=f"{fresh.target}: {fresh.course}")
    note_each([fresh], step, {"reason": fresh.reason} if fresh.reason else {}, at=timezone.now())
    return fresh


def withdraw(row: Enrollment) -> None:
    """Takes it back at the LMS too where it was asked for there, in one call; not what somebody else had
    assigned. Raises NotNow, and what the call raises: then nothing has changed."""
    if row.state not in (*TO_ASK, *WATCHED):
        raise NotNow
    if row.asked_at and row.person_id and row.connection and row.reason != ALREADY:
        session = connect_to(row.connection, "ENROLL", WAITS_SECONDS)
        with closing(session), suppress(Missing):
            session.unassign_course(row.person_id, row.course.integration_id)
    allowed = (*TO_ASK, *WATCHED)
    _move(
        row,
        allowed,
        "ENROLLMENT_WITHDRAWN",
        Step.WITHDRAWN,
        state=State.WITHDRAWN,
        reason="by_hand",
    )


@transaction.atomic
def ask_again(row: Enrollment, *, now: datetime | None = None) -> None:
    """Through the LMS that the person's group has now. Raises NotNow, also while another one for the same
    person and course waits."""
    row.connection = connection_for(row)
    moment = now or timezone.now()
    list(Account.objects.select_for_update(no_key=True).filter(pk=row.account_id))
    twin = Enrollment.objects.filter(
        target=row.target_id, course=row.course_id, state__in=(*TO_ASK, *WATCHED)
    )
    if twin.exists() or why_not(row) in ("no_lms", "course_elsewhere"):
        raise NotNow
    _move(
        row,
        ENDED,
        "ENROLLMENT_ASKED_AGAIN",
        Step.AGAIN,
        state=State.WAITING,
        connection=row.connection,
        reason="",
        detail="",
        attempts=0,
        due_at=moment,
        created_at=moment,
        way="",
        looked_at=None,
        person_id="",
    )


def mark_done(row: Enrollment) -> None:
    _move(
        row,
        (*TO_ASK, *WATCHED, State.NOT_POSSIBLE, State.FAILED),
        "ENROLLMENT_DONE_BY_HAND",
        Step.COMPLETED,
        state=State.COMPLETED,
        reason="by_hand",
        completed_at=timezone.now(),
    )
