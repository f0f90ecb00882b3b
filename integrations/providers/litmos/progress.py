"""Litmos' records of assignments and achievements as the contract's: all spellings, all forms of dates."""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime, timedelta
from typing import Any

from integrations.contract.records import (
    ID_LENGTH,
    AssignmentRecord,
    CompletionRecord,
    Rejected,
    ResultRecord,
)
from integrations.providers.litmos.cleaning import clean_text

#: `/Date(ms-0500)/`: the milliseconds are UTC, the offset only says where somebody was.
JSON_DATE = re.compile(r"/Date\((-?\d{1,15})([+-]\d{4})?\)/")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
#: No course was taken through Litmos before, nor will one be after.
EARLIEST, LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
TRUE = ("true", "1")
COMPLETED_AT = ("DateCompleted", "CompletedDate")
IS_COMPLETE = ("Complete", "Completed")


def assignment_record(row: Any) -> AssignmentRecord | Rejected:
    """A row of /users/{id}/courses."""
    values = _lowered(row)
    course_id = _id(_first(values, ("Id",)))
    if not course_id:
        return Rejected("", "no course Id")
    percentage = _number(_first(values, ("PercentageComplete",)))
    return AssignmentRecord(
        course_id=course_id,
        is_complete=_truth(_first(values, IS_COMPLETE)),
        percentage=min(max(percentage, 0.0), 100.0),
        assigned_at=moment(_first(values, ("AssignedDate",))),
        started_at=moment(_first(values, ("StartDate", "StartedDate"))),
        completed_at=moment(_first(values, COMPLETED_AT)),
        is_overdue=_truth(_first(values, ("Overdue",))),
    )


def courses_of(row: Any) -> tuple[str, tuple[AssignmentRecord, ...]]:
    """A row of POST /users/courses: one person with their courses."""
    values = _lowered(row)
    given = _first(values, ("Courses",))
    made = [assignment_record(one) for one in given] if isinstance(given, list) else []
    readable = tuple(one for one in made if not isinstance(one, Rejected))
    return _id(_first(values, ("Id", "UserId"))), readable


def member_record(course_id: str, row: Any) -> ResultRecord | Rejected:
    """A row of /courses/{id}/users: it says neither when it was assigned nor when completed."""
    values = _lowered(row)
    made = assignment_record({**values, "id": course_id})
    return _result(_id(_first(values, ("Id",))), made)


def result_record(row: Any) -> ResultRecord | Rejected:
    """A row of /results/details."""
    values = _lowered(row)
    made = assignment_record({**values, "id": _first(values, ("CourseId",))})
    return _result(_id(_first(values, ("Id", "UserId"))), made)


def _result(person_id: str, made: AssignmentRecord | Rejected) -> ResultRecord | Rejected:
    if isinstance(made, Rejected) or not person_id:
        return Rejected(person_id, "no person or no course")
    return ResultRecord(person_id, made)


def completion_record(row: Any) -> CompletionRecord | Rejected:
    """A row of /achievements, or the `data` of an achievement.earned webhook."""
    values = _lowered(row)
    person_id, course_id = _id(_first(values, ("UserId",))), _id(_first(values, ("CourseId",)))
    completed_at = moment(_first(values, ("AchievementDate", *COMPLETED_AT)))
    if not (person_id and course_id and completed_at):
        return Rejected(person_id, "no person, no course, or no date")
    return CompletionRecord(person_id, course_id, completed_at)


def moment(value: Any) -> datetime | None:
    """A date of any form that Litmos has; without a zone it is UTC. None for none, one that can't be read,
    or one that nobody can mean, such as 0001-01-01, which stands for no date."""
    if not isinstance(value, str):
        return None
    try:
        found = _read(value.strip())
    except (ValueError, OverflowError):
        return None
    return found if EARLIEST <= found < LATEST else None


def _read(text: str) -> datetime:
    if match := JSON_DATE.fullmatch(text):
        return EPOCH + timedelta(milliseconds=int(match[1]))
    read = datetime.fromisoformat(text)
    return (read if read.tzinfo else read.replace(tzinfo=UTC)).astimezone(UTC)


def _lowered(row: Any) -> dict[str, Any]:
    return {str(name).lower(): value for name, value in row.items()} if type(row) is dict else {}


def _first(values: dict[str, Any], names: tuple[str, ...]) -> Any:
    there = (values.get(name.lower()) for name in names)
    return next((value for value in there if value not in (None, "")), None)


def _id(value: Any) -> str:
    text = str(value).strip() if isinstance(value, str | int) else ""
    return text if clean_text(text, ID_LENGTH) == (text, False) else ""


def _truth(value: Any) -> bool:
    return value is True or str(value).strip().lower() in TRUE


def _number(value: Any) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        return 0.0
    return number if math.isfinite(number) else 0.0
