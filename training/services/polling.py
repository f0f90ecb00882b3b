"""Who has begun and who has finished: what changed since the last look, one call for each thousand."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Min
from django.utils import timezone

from integrations.contract.records import AssignmentRecord, CompletionRecord, ResultRecord
from training.models import WATCHED, Enrollment, Lane, State
from training.services.lanes import keep
from training.services.listing import read_on
from training.services.settling import PROGRESS, store, take_progress
from training.services.telling import tell_completed
from training.services.turn import Turn

#: The zone of the LMS's dates is not known for sure, so each look goes back a day further.
OVERLAP = timedelta(days=1)
#: Litmos needs long for the list of results, so who has begun is looked at less often than who has finished.
PROGRESS_EVERY = timedelta(hours=1)
BATCH = 500


def poll_every() -> timedelta:
    return timedelta(seconds=settings.COMPLETION_SECONDS)


def is_progress_due(lane: Lane) -> bool:
    return lane.progress_at is None or timezone.now() - lane.progress_at >= PROGRESS_EVERY


def read_progress(turn: Turn) -> bool:
    """False when time ran out before the end: the next step goes on from there."""
    lane, now = turn.lane, timezone.now()
    if lane.polled_at and now - lane.polled_at < poll_every():
        return True
    watched = Enrollment.objects.filter(connection=lane.connection_id, state__in=WATCHED)
    first = watched.aggregate(first=Min("assigned_at"))["first"]
    if first is None:
        return True
    if is_progress_due(lane):
        return _read_results(turn, (lane.progress_at or first) - OVERLAP)
    return _read_completions(turn, (lane.polled_at or first) - OVERLAP)


def _read_results(turn: Turn, since: datetime) -> bool:
    """They tell completions too."""
    began = read_on(
        turn,
        "results",
        lambda start: turn.session.read_results(since, start),
        lambda records: take_results(turn.lane.connection_id, records),
    )
    if began:
        keep(turn.lane, progress_at=began, polled_at=began)
    return bool(began)


def _read_completions(turn: Turn, since: datetime) -> bool:
    began = read_on(
        turn,
        "completions",
        lambda start: turn.session.read_completions(since, start),
        lambda records: take_completions(turn.lane.connection_id, records),
    )
    if began:
        keep(turn.lane, polled_at=began)
    return bool(began)


def take_completions(connection_id: int, records: Iterable[CompletionRecord]) -> int:
    """Safe to repeat: what is completed is looked at no more."""
    found = [
        ResultRecord(
            one.person_id,
            AssignmentRecord(
                one.course_id, is_complete=True, percentage=100.0, completed_at=one.completed_at
            ),
        )
        for one in records
    ]
    return take_results(connection_id, found)


@transaction.atomic
def take_results(connection_id: int, records: Sequence[ResultRecord]) -> int:
    """How many enrolments moved on. Safe to repeat."""
    found = {(one.person_id, one.assignment.course_id): one.assignment for one in records}
    people = sorted({person_id for person_id, _ in found})
    now, moved = timezone.now(), []
    for at in range(0, len(people), BATCH):
        rows = Enrollment.objects.select_for_update(of=("self",)).filter(
            connection_id=connection_id,
            state__in=WATCHED,
            person_id__in=people[at : at + BATCH],
        )
        for row in rows.select_related("course", "action").order_by("pk"):
            record = found.get((row.person_id, row.course.integration_id))
            if record and _has_moved(row, record):
                take_progress(row, record, now)
                moved.append(row)
    store(moved, PROGRESS)
    tell_completed([row for row in moved if row.state == State.COMPLETED])
    return len(moved)


def _has_moved(row: Enrollment, record: AssignmentRecord) -> bool:
    """A result older than ours says nothing new, and nobody begins anew by it."""
    is_further = record.percentage > row.percentage or record.is_overdue
    return record.is_complete or is_further or bool(record.started_at)
