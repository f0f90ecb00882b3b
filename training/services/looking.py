"""Who has a course at the LMS already: by the list of the course, or by the people, 25 at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, QuerySet
from django.utils import timezone

from integrations.contract.errors import Missing
from integrations.contract.provider import MOST_READ_AT_ONCE
from integrations.contract.records import ResultRecord
from training.models import Enrollment, Lane, State, Way
from training.services.lanes import fenced
from training.services.listing import read_on
from training.services.settling import end, save, settle
from training.services.turn import Turn
from training.services.waves import is_by_course

Absent = Callable[[QuerySet[Enrollment], datetime], None]
#: An import that has not shown by then is believed lost, and its people are asked for one by one.
PATIENCE = timedelta(minutes=30)
SOONEST = timedelta(minutes=1)
BATCH = 500


@dataclass(frozen=True, slots=True)
class _Way:
    """`absent` is told the rows looked at and when: those still open are not there."""

    name: str
    size: int
    absent: Absent


def look_before(turn: Turn, rows: QuerySet[Enrollment], size: int) -> bool:
    """Settles what is there already and marks the others as looked at. False when time ran out."""

    def mark(part: QuerySet[Enrollment], at: datetime) -> None:
        with fenced(turn.lane):
            part.filter(created_at__lte=at).update(looked_at=at)

    return _look(turn, rows.filter(looked_at=None), _Way("before", size, mark))


def look_after(turn: Turn, size: int) -> bool:
    """Settles what imports have brought. False when time ran out."""
    rows = Enrollment.objects.filter(
        connection=turn.lane.connection_id,
        state=State.REQUESTED,
        way=Way.IMPORT,
        due_at__lte=timezone.now(),
    )

    def wait_on(part: QuerySet[Enrollment], at: datetime) -> None:
        _wait_on(turn.lane, list(part.filter(asked_at__lt=at)), at)

    return _look(turn, rows, _Way("after", size, wait_on))


def _wait_on(lane: Lane, rows: Sequence[Enrollment], now: datetime) -> None:
    for row in rows:
        waited = now - (row.asked_at or now)
        row.way = Way.SINGLE if waited > PATIENCE else Way.IMPORT
        row.due_at = now if waited > PATIENCE else now + max(SOONEST, waited)
    save(lane, rows, "way", "due_at")


def _look(turn: Turn, rows: QuerySet[Enrollment], way: _Way) -> bool:
    counted = rows.aggregate(
        people=Count("person_id", distinct=True), courses=Count("course", distinct=True)
    )
    if not counted["people"]:
        return True
    if not is_by_course(counted["people"], counted["courses"], way.size):
        return _by_people(turn, rows, way.absent)
    pairs = rows.order_by("course").values_list("course_id", "course__integration_id").distinct()
    for pk, course_id in list(pairs):
        began = _by_course(turn, rows.filter(course=pk), f"{way.name}:{pk}", course_id)
        if began is None:
            return False
        way.absent(rows.filter(course=pk), began)
    return True


def _by_course(
    turn: Turn, rows: QuerySet[Enrollment], place: str, course_id: str
) -> datetime | None:
    def take(records: Sequence[ResultRecord]) -> None:
        found = {one.person_id: one.assignment for one in records}
        ids = list(found)
        for start in range(0, len(ids), BATCH):
            part = rows.filter(person_id__in=ids[start : start + BATCH])
            there = list(part.select_related("action"))
            settle(turn.lane, there, [found[row.person_id] for row in there])

    try:
        return read_on(
            turn, place, lambda start: turn.session.read_assigned(course_id, start), take
        )
    except Missing as error:
        end(list(rows), turn.lane, State.NOT_POSSIBLE, error.code)
        return timezone.now()


def _by_people(turn: Turn, rows: QuerySet[Enrollment], absent: Absent) -> bool:
    ids = sorted(set(rows.values_list("person_id", flat=True)))
    for start in range(0, len(ids), MOST_READ_AT_ONCE):
        at = timezone.now()
        wanted = ids[start : start + MOST_READ_AT_ONCE]
        found = turn.session.read_assignments_of_many(wanted)
        records = {
            (person_id, one.course_id): one for person_id, ones in found.items() for one in ones
        }
        part = rows.filter(person_id__in=wanted)
        there = [
            row
            for row in part.select_related("course", "action")
            if (row.person_id, row.course.integration_id) in records
        ]
        keys = [(row.person_id, row.course.integration_id) for row in there]
        settle(turn.lane, there, [records[key] for key in keys])
        absent(part, at)
        if turn.is_time_up():
            return False
    return True
