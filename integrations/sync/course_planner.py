"""Which changes the courses that were read ask for. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from integrations.sync.drafts import Draft

FIELDS = ("name", "code", "description")


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """A course as read (`course_id` None) or as it is; `is_gone` only of the latter."""

    integration_id: str
    name: str
    code: str
    description: str
    is_active: bool
    course_id: int | None = None
    is_gone: bool = False


def plan_course(read: Course, known: Course | None) -> list[Draft]:
    if known is None:
        row = _row(read, "CREATE", reason="" if read.is_active else "COURSE_INACTIVE")
        row.after = {name: getattr(read, name) for name in FIELDS if getattr(read, name)}
        return [row]
    return [*_fields(read, known), *_state(read, known)]


def _fields(read: Course, known: Course) -> list[Draft]:
    changed = [name for name in FIELDS if getattr(read, name) != getattr(known, name)]
    if not changed:
        return []
    row = _row(read, "UPDATE", known)
    row.before = {name: getattr(known, name) for name in changed}
    row.after = {name: getattr(read, name) for name in changed}
    return [row]


def _state(read: Course, known: Course) -> list[Draft]:
    was_usable = known.is_active and not known.is_gone
    if read.is_active and not was_usable:
        return [_turned(read, "REACTIVATE", known, reason="BACK")]
    if not read.is_active and (was_usable or known.is_gone):
        return [_turned(read, "DEACTIVATE", known, reason="COURSE_INACTIVE")]
    return []


def plan_gone_course(known: Course) -> Draft:
    return _turned(known, "DEACTIVATE", known, reason="COURSE_GONE")


def _turned(course: Course, action: str, known: Course, *, reason: str) -> Draft:
    row = _row(course, action, known, reason=reason)
    row.before = {"state": state_of(is_active=known.is_active, is_gone=known.is_gone)}
    row.after = {"state": AFTER[reason]}
    return row


AFTER = {"BACK": "active", "COURSE_INACTIVE": "inactive", "COURSE_GONE": "gone"}


def state_of(*, is_active: bool, is_gone: bool) -> str:
    return "gone" if is_gone else ("active" if is_active else "inactive")


def _row(course: Course, action: str, known: Course | None = None, *, reason: str = "") -> Draft:
    return Draft(
        kind="COURSE",
        action=action,
        reason=reason,
        integration_id=course.integration_id,
        label=course.name,
        detail=course.code,
        course_id=known.course_id if known else None,
    )
