"""What became of an enrolment, written into its row while the lane is ours."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.utils import timezone

from integrations.contract.errors import IntegrationError
from integrations.contract.records import AssignmentRecord
from training.models import DONE_BEFORE, TO_ASK, Enrollment, Lane, State, Step
from training.services.lanes import fenced
from training.services.telling import tell_completed
from training.services.timeline import note_each

#: An assignment this much older than our asking was somebody else's; clocks may differ by as much.
OLDER = timedelta(minutes=10)
#: The zone of the LMS's dates is not known for sure: what it dates less before the action may be after it.
BEFORE = timedelta(days=1)
#: Asked for so often, and never there when read back: the course can't be had.
MOST_UNSEEN = 3
FIRST_PAUSE, LONGEST_PAUSE = 60.0, 3600.0
BATCH = 500
PROGRESS = ("state", "reason", "percentage", "assigned_at", "completed_at")
STEPS = {
    State.IN_PROGRESS: Step.STARTED,
    State.COMPLETED: Step.COMPLETED,
    State.OVERDUE: Step.OVERDUE,
}


def settle(lane: Lane, rows: Sequence[Enrollment], found: Sequence[AssignmentRecord]) -> None:
    """Rows that are still open, each with what was read of it, in the same order."""
    pairs = list(zip(rows, found, strict=True))
    now = timezone.now()
    with fenced(lane):
        still = {row.pk for row in open_ones(rows)}
        kept = [(row, record) for row, record in pairs if row.pk in still]
        for row, record in kept:
            take_progress(row, record, now)
        store([row for row, _ in kept], PROGRESS)
        tell_completed([row for row, _ in kept if row.state == State.COMPLETED])


def take_progress(row: Enrollment, record: AssignmentRecord, now: datetime) -> None:
    """Only forwards: what is completed stays so. The caller saves the row, and has read its action."""
    before = row.state
    row.state = _state(record)
    row.percentage = record.percentage
    row.assigned_at = row.assigned_at or record.assigned_at or now
    row.completed_at = (record.completed_at or now) if record.is_complete else None
    if before in TO_ASK:
        is_older = _was_there_before(row, record)
        row.reason = "already" if is_older else ""
        note_each([row], Step.VERIFIED, {"already": is_older}, at=now)
    if _was_done_before(row):
        row.reason = DONE_BEFORE
        note_each([row], Step.COMPLETED, {"reason": DONE_BEFORE, "on": _day(row)}, at=now)
    elif row.state not in (before, State.ASSIGNED):
        note_each([row], STEPS[State(row.state)], at=row.completed_at or now)


def _was_done_before(row: Enrollment) -> bool:
    return bool(row.completed_at and row.completed_at < row.action.happened_at - BEFORE)


def _day(row: Enrollment) -> str:
    return row.completed_at.date().isoformat() if row.completed_at else ""


def _was_there_before(row: Enrollment, record: AssignmentRecord) -> bool:
    if row.asked_at is None:
        return True
    return bool(record.assigned_at and record.assigned_at < row.asked_at - OLDER)


def _state(record: AssignmentRecord) -> State:
    if record.is_complete:
        return State.COMPLETED
    if record.is_overdue:
        return State.OVERDUE
    return State.IN_PROGRESS if record.percentage or record.started_at else State.ASSIGNED


def try_again(lane: Lane, rows: Sequence[Enrollment]) -> None:
    """Those that were asked for and are not there."""
    end([row for row in rows if row.attempts >= MOST_UNSEEN], lane, State.NOT_POSSIBLE, "not_taken")
    others = [row for row in rows if row.attempts < MOST_UNSEEN]
    for row in others:
        row.due_at = timezone.now() + timedelta(seconds=pause_after(row.attempts))
    save(lane, others, "due_at")


def delay(lane: Lane, rows: Sequence[Enrollment], error: IntegrationError) -> None:
    now = timezone.now()
    for row in rows:
        row.reason, row.detail = error.code, error.detail[:200]
        row.attempts += 0 if row.asked_at else 1
        row.due_at = now + timedelta(seconds=pause_after(row.attempts))
    with fenced(lane):
        kept = save(lane, rows, "reason", "detail", "attempts", "due_at")
        note_each(kept, Step.DELAYED, {"reason": error.code, "detail": error.detail}, at=now)


def pause_after(failures: int) -> float:
    """Seconds: one minute, doubled each time up to an hour."""
    doubled: float = FIRST_PAUSE * 2.0 ** min(max(failures - 1, 0), 10)
    return min(doubled, LONGEST_PAUSE)


def end(rows: Sequence[Enrollment], lane: Lane, state: State, reason: str) -> None:
    for row in rows:
        row.state, row.reason = state, reason
    with fenced(lane):
        kept = save(lane, rows, "state", "reason")
        note_each(kept, Step(state.value), {"reason": reason}, at=timezone.now())


def save(lane: Lane, rows: Sequence[Enrollment], *fields: str) -> list[Enrollment]:
    """Returns the rows that were saved: what somebody has withdrawn meanwhile stays so."""
    if not rows:
        return []
    with fenced(lane):
        kept = open_ones(rows)
        store(kept, fields)
    return kept


def store(rows: Sequence[Enrollment], fields: Sequence[str]) -> None:
    """One statement for all rows that get the same values, which is what large waves do."""
    same: dict[tuple[object, ...], list[int]] = {}
    for row in rows:
        same.setdefault(tuple(getattr(row, name) for name in fields), []).append(row.pk)
    for values, ids in same.items():
        for start in range(0, len(ids), BATCH):
            wanted = Enrollment.objects.filter(pk__in=ids[start : start + BATCH])
            wanted.update(**dict(zip(fields, values, strict=True)))


def open_ones(rows: Sequence[Enrollment]) -> list[Enrollment]:
    still: set[int] = set()
    for start in range(0, len(rows), BATCH):
        wanted = [row.pk for row in rows[start : start + BATCH]]
        stored = Enrollment.objects.select_for_update().filter(pk__in=wanted, state__in=TO_ASK)
        still |= set(stored.values_list("pk", flat=True))
    return [row for row in rows if row.pk in still]
