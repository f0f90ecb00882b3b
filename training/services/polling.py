"""Who has finished: completions since the last look, one call for each thousand."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Min
from django.utils import timezone

from integrations.contract.provider import Session
from integrations.contract.records import CompletionRecord
from training.models import WATCHED, Enrollment, Lane, State, Step
from training.services.lanes import fenced, keep
from training.services.timeline import note_each

#: The zone of the LMS's dates is not known for sure, so each look goes back a day further.
OVERLAP = timedelta(days=1)
BATCH = 500


def poll_every() -> timedelta:
    return timedelta(seconds=settings.COMPLETION_SECONDS)


def read_completions(session: Session, lane: Lane, *, is_time_up: Callable[[], bool]) -> bool:
    """False when time ran out before the end: the next look begins where this one did."""
    began = timezone.now()
    watched = Enrollment.objects.filter(connection=lane.connection_id, state__in=WATCHED)
    if lane.polled_at and began - lane.polled_at < poll_every():
        return True
    first = watched.aggregate(first=Min("assigned_at"))["first"]
    if first is None:
        return True
    since, start, is_last = (lane.polled_at or first) - OVERLAP, 0, False
    while not is_last:
        if start and is_time_up():
            return False
        page = session.read_completions(since, start)
        with fenced(lane):
            take_completions(lane.connection_id, page.records)
        start, is_last = start + page.received, page.is_last
    keep(lane, polled_at=began)
    return True


@transaction.atomic
def take_completions(connection_id: int, records: Iterable[CompletionRecord]) -> int:
    """Safe to repeat: what is completed is looked at no more."""
    done = {(one.person_id, one.course_id): one.completed_at for one in records}
    people = sorted({person_id for person_id, _ in done})
    count = 0
    for at in range(0, len(people), BATCH):
        rows = Enrollment.objects.select_for_update().filter(
            connection_id=connection_id,
            state__in=WATCHED,
            person_id__in=people[at : at + BATCH],
        )
        for row in rows.select_related("course").order_by("pk"):
            completed_at = done.get((row.person_id, row.course.integration_id))
            count += completed_at is not None and _complete(row, completed_at)
    return count


def _complete(row: Enrollment, completed_at: datetime) -> bool:
    row.state, row.percentage, row.completed_at = State.COMPLETED, 100, completed_at
    row.save(update_fields=["state", "percentage", "completed_at"])
    note_each([row], Step.COMPLETED, at=completed_at)
    return True
