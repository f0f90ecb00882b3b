"""Asks an LMS for one person's enrolments, and reads back what became of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.utils import timezone

from integrations.contract.errors import BudgetEmpty, Credentials, Fatal, IntegrationError, Missing
from integrations.contract.provider import Session
from integrations.contract.records import AssignmentRecord
from integrations.models import TargetLink
from targets.models import Target
from training.models import TO_ASK, Enrollment, Lane, PersonLink, State, Step
from training.services.lanes import fenced
from training.services.planning import why_not
from training.services.timeline import note_each

MAIL_PAUSE = timedelta(hours=1)
#: An assignment this much older than our asking was somebody else's; clocks may differ by as much.
OLDER = timedelta(minutes=10)
#: Asked for so often, and never there when read back: the course can't be had.
MOST_UNSEEN = 3
GIVE_UP_AFTER = timedelta(days=3)
ASKED = ("asked_at", "state", "attempts", "mailed_at")
FIRST_PAUSE, LONGEST_PAUSE = 60.0, 3600.0


def ask_person(session: Session, lane: Lane, target: Target, rows: Sequence[Enrollment]) -> None:
    """Raises BudgetEmpty and Credentials, which concern everybody; what else goes wrong is kept in the
    rows."""
    rows = _possible(lane, rows)
    if not rows:
        return
    try:
        _ask(session, lane, target, rows)
    except (BudgetEmpty, Credentials):
        raise
    except Missing as error:
        _forget_link(lane, target)
        _end(lane, rows, State.NOT_POSSIBLE, error.code)
    except IntegrationError as error:
        _delay(lane, rows, error)
        if isinstance(error, Fatal):
            return
        raise


def _possible(lane: Lane, rows: Sequence[Enrollment]) -> list[Enrollment]:
    good = []
    for row in rows:
        reason = why_not(row)
        if reason:
            _end(lane, [row], State.NOT_POSSIBLE, reason)
        else:
            good.append(row)
    return good


def _ask(session: Session, lane: Lane, target: Target, rows: list[Enrollment]) -> None:
    person_id = _person_id(session, lane, target)
    if not person_id:
        _end(lane, rows, State.NOT_POSSIBLE, "no_account")
        return
    if any(row.asked_at for row in rows):
        rows = _settle(lane, rows, session.read_assignments_of(person_id))
    rows = [row for row in rows if not _is_given_up(lane, row)]
    if rows:
        _send(session, lane, person_id, rows)
        _settle(lane, rows, session.read_assignments_of(person_id), is_last_word=True)


def _send(session: Session, lane: Lane, person_id: str, rows: list[Enrollment]) -> None:
    before = {row.pk: [getattr(row, name) for name in ASKED] for row in rows}
    is_mailed = _mark_asked(lane, person_id, rows)
    if not rows:
        return
    courses = [row.course.integration_id for row in rows]
    try:
        session.assign_courses(person_id, courses, send_message=is_mailed)
    except BudgetEmpty:
        for row in rows:
            for name, value in zip(ASKED, before[row.pk], strict=True):
                setattr(row, name, value)
        _save(lane, rows, *ASKED)
        raise
    with fenced(lane):
        note_each(rows, Step.ASKED, {"mailed": is_mailed}, at=timezone.now())


def _mark_asked(lane: Lane, person_id: str, rows: list[Enrollment]) -> bool:
    """Before the call, so that an answer that gets lost is looked for and not asked for twice. Returns
    whether the LMS is to send its e-mail: at most one an hour and person."""
    now = timezone.now()
    is_wanted = any(row.campaign.is_mailed for row in rows)
    recent = Enrollment.objects.filter(target_id=rows[0].target_id, mailed_at__gt=now - MAIL_PAUSE)
    is_mailed = is_wanted and not recent.exists()
    for row in rows:
        row.asked_at, row.state, row.person_id = now, State.REQUESTED, person_id
        row.attempts += 1
        row.mailed_at = now if is_mailed else row.mailed_at
    rows[:] = _save(lane, rows, "asked_at", "state", "person_id", "attempts", "mailed_at")
    return is_mailed


def _settle(
    lane: Lane,
    rows: Sequence[Enrollment],
    found: Sequence[AssignmentRecord],
    *,
    is_last_word: bool = False,
) -> list[Enrollment]:
    """Take what was read into the rows; returns those that are not there."""
    by_course = {record.course_id: record for record in found}
    there = [row for row in rows if row.course.integration_id in by_course]
    missing = [row for row in rows if row.course.integration_id not in by_course]
    now = timezone.now()
    with fenced(lane):
        for row in _open_ones(there):
            take_progress(row, by_course[row.course.integration_id], now)
    if is_last_word:
        _try_again(lane, missing)
    return missing


def take_progress(row: Enrollment, record: AssignmentRecord, now: datetime) -> None:
    """Only forwards: what is completed stays so."""
    before = row.state
    row.state = _state(record)
    row.percentage = record.percentage
    row.assigned_at = row.assigned_at or record.assigned_at or now
    row.completed_at = (record.completed_at or now) if record.is_complete else None
    is_older = bool(
        record.assigned_at and row.asked_at and record.assigned_at < row.asked_at - OLDER
    )
    if before == State.REQUESTED:
        row.reason = "already" if is_older else ""
        note_each([row], Step.VERIFIED, {"already": is_older}, at=now)
    if row.state not in (before, State.ASSIGNED):
        note_each([row], STEPS[State(row.state)], at=row.completed_at or now)
    row.save()


STEPS = {
    State.IN_PROGRESS: Step.STARTED,
    State.COMPLETED: Step.COMPLETED,
    State.OVERDUE: Step.OVERDUE,
}


def _state(record: AssignmentRecord) -> State:
    if record.is_complete:
        return State.COMPLETED
    if record.is_overdue:
        return State.OVERDUE
    return State.IN_PROGRESS if record.percentage or record.started_at else State.ASSIGNED


def _try_again(lane: Lane, rows: Sequence[Enrollment]) -> None:
    for row in rows:
        if row.attempts >= MOST_UNSEEN:
            _end(lane, [row], State.NOT_POSSIBLE, "not_taken")
        else:
            row.due_at = timezone.now() + timedelta(seconds=pause_after(row.attempts))
            _save(lane, [row], "due_at")


def _is_given_up(lane: Lane, row: Enrollment) -> bool:
    if row.asked_at and timezone.now() - row.created_at > GIVE_UP_AFTER:
        _end(lane, [row], State.FAILED, row.reason or "unexpected")
        return True
    return False


def _delay(lane: Lane, rows: Sequence[Enrollment], error: IntegrationError) -> None:
    now = timezone.now()
    for row in rows:
        row.reason, row.detail = error.code, error.detail[:200]
        row.attempts += 0 if row.asked_at else 1
        row.due_at = now + timedelta(seconds=pause_after(row.attempts))
    _save(lane, rows, "reason", "detail", "attempts", "due_at")
    with fenced(lane):
        note_each(rows, Step.DELAYED, {"reason": error.code, "detail": error.detail}, at=now)


def pause_after(failures: int) -> float:
    """Seconds: one minute, doubled each time up to an hour."""
    doubled: float = FIRST_PAUSE * 2.0 ** min(max(failures - 1, 0), 10)
    return min(doubled, LONGEST_PAUSE)


def _end(lane: Lane, rows: Sequence[Enrollment], state: State, reason: str) -> None:
    for row in rows:
        row.state, row.reason = state, reason
    kept = _save(lane, rows, "state", "reason")
    with fenced(lane):
        note_each(kept, Step(state.value), {"reason": reason}, at=timezone.now())


def _save(lane: Lane, rows: Sequence[Enrollment], *fields: str) -> list[Enrollment]:
    """Returns the rows that were saved: what somebody has withdrawn meanwhile stays so."""
    with fenced(lane):
        kept = _open_ones(rows)
        Enrollment.objects.bulk_update(kept, fields)
    return kept


def _open_ones(rows: Sequence[Enrollment]) -> list[Enrollment]:
    wanted = [row.pk for row in rows]
    stored = Enrollment.objects.select_for_update().filter(pk__in=wanted, state__in=TO_ASK)
    still = set(stored.values_list("pk", flat=True))
    return [row for row in rows if row.pk in still]


def _person_id(session: Session, lane: Lane, target: Target) -> str:
    """Known from a sync, or found before, or looked up by e-mail now; '' when the LMS has nobody."""
    for kind in (TargetLink, PersonLink):
        link = kind.objects.filter(connection=lane.connection_id, target=target).first()
        if link:
            return str(link.integration_id)
    same = [
        one
        for one in session.search_people(target.email)
        if one.email_key == target.email_key and one.is_active
    ]
    if not same:
        return ""
    with fenced(lane):
        PersonLink.objects.create(
            account_id=lane.account_id,
            connection_id=lane.connection_id,
            target=target,
            integration_id=same[0].integration_id,
        )
    return same[0].integration_id


def _forget_link(lane: Lane, target: Target) -> None:
    with fenced(lane):
        PersonLink.objects.filter(connection=lane.connection_id, target=target).delete()
