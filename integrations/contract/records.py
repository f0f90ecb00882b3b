"""Validated, vendor-neutral values: what a provider hands over and the planner works on."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2b
from typing import Generic, TypeVar

#: The Portal's fields of a person beside the e-mail, with the longest text each keeps.
FIELD_LENGTHS: dict[str, int] = {
    "first_name": 64,
    "last_name": 64,
    "name": 200,
    "phone_business": 35,
    "phone_mobile": 35,
    "address_one": 150,
    "address_two": 150,
    "city": 60,
    "state": 32,
    "zip": 15,
    "country": 65,
    "company": 255,
    "title": 255,
    "timezone": 64,
    "language": 35,
    "manager": 255,
    "optional_1": 1000,
    "optional_2": 1000,
    "optional_3": 1000,
}
EMAIL_LENGTH = 255
ID_LENGTH = 64
TEAM_NAME_LENGTH = 255
COURSE_NAME_LENGTH = 255

Record_co = TypeVar("Record_co", covariant=True)


@dataclass(frozen=True, slots=True)
class TeamRecord:
    integration_id: str
    name: str
    parent_id: str = ""


def stand_in_name(team_id: str) -> str:
    """The name of a team that has none, or none that can be read."""
    return f"Team {team_id}"


@dataclass(frozen=True, slots=True)
class Note:
    """A remark about one value that was kept: `code` is SHORTENED, TIMEZONE_UNKNOWN or
    LANGUAGE_UNKNOWN; `field` is the Portal's name, `value` what came."""

    code: str
    field: str
    value: str = ""


@dataclass(frozen=True, slots=True)
class PersonRecord:
    """`email` is '' when `email_problem` is NO_EMAIL or INVALID_EMAIL; `fields` has every key of
    FIELD_LENGTHS; `lacks` are those of which the provider said nothing, not even that they are empty;
    `fingerprint` changes whenever e-mail or a field does."""

    integration_id: str
    email: str
    email_key: str
    is_active: bool
    fields: dict[str, str]
    fingerprint: str
    email_problem: str = ""
    raw_email: str = ""
    notes: tuple[Note, ...] = ()
    lacks: frozenset[str] = frozenset()


def fingerprint_of(email: str, fields: dict[str, str]) -> str:
    # No value holds the separator: it is one of the characters that cleaning takes out.
    text = "\x1f".join((email, *fields.values()))
    return blake2b(text.encode(), digest_size=16).hexdigest()


@dataclass(frozen=True, slots=True)
class ChangedPerson:
    """A row of the list of changes. `lacks` are the fields that the list does not carry."""

    person: PersonRecord
    changed_at: datetime
    lacks: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class MoveRecord:
    """Somebody joined a team, or left it (`is_member` False)."""

    team_id: str
    person_id: str
    is_member: bool
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class CourseRecord:
    integration_id: str
    name: str
    code: str = ""
    description: str = ""
    is_active: bool = True


@dataclass(frozen=True, slots=True)
class AssignmentRecord:
    """One course on one person's list; `percentage` from 0 to 100."""

    course_id: str
    is_complete: bool
    percentage: float = 0.0
    assigned_at: datetime | None = None
    started_at: datetime | None = None
    completed_at: datetime | None = None
    is_overdue: bool = False


@dataclass(frozen=True, slots=True)
class ResultRecord:
    """How far one person got with one course; which of its dates are there depends on the list."""

    person_id: str
    assignment: AssignmentRecord


@dataclass(frozen=True, slots=True)
class LoginRecord:
    """Under which name somebody logs in at the provider; `email_key` '' without a readable e-mail."""

    integration_id: str
    user_name: str
    email_key: str
    is_active: bool


@dataclass(frozen=True, slots=True)
class CompletionRecord:
    person_id: str
    course_id: str
    completed_at: datetime


@dataclass(frozen=True, slots=True)
class Rejected:
    """A record that could not be read. `integration_id` is '' when not even that was readable."""

    integration_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class Page(Generic[Record_co]):
    """`received` counts every row of the page, readable or not; `is_last` says that the list ends
    here. The next page starts at `start + received`."""

    records: tuple[Record_co, ...]
    received: int
    is_last: bool
    rejected: tuple[Rejected, ...] = field(default=())
