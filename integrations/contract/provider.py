"""What a provider can be asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Protocol

from integrations.contract.records import (
    AssignmentRecord,
    ChangedPerson,
    CompletionRecord,
    CourseRecord,
    LoginRecord,
    MoveRecord,
    Page,
    PersonRecord,
    ResultRecord,
    TeamRecord,
)
from integrations.contract.secret import Secret

MOST_READ_AT_ONCE, MOST_IMPORTED, MOST_CODES = 25, 2000, 3


class Capability(StrEnum):
    DIRECTORY = "DIRECTORY"
    COURSES = "COURSES"
    ENROLLMENT = "ENROLLMENT"
    COMPLETION = "COMPLETION"


@dataclass(frozen=True, slots=True)
class Region:
    key: str
    label: str
    base_url: str


class Budget(Protocol):
    """The calls one key may still make, shared by every process."""

    def take(self) -> None:
        """Count one call, or raise BudgetEmpty with the seconds until one is free."""

    def drain(self, seconds: float) -> None:
        """Refuse every call for `seconds`, because the vendor said that the budget is used up."""


@dataclass(frozen=True, slots=True)
class ProbeStep:
    """One line of the connection test. `key`: HOST, KEY, OWNER, TEAMS, COUNTS; `code` is empty when it
    passed, else an error code worded at display; `args` are its values (never the key)."""

    key: str
    passed: bool
    code: str = ""
    args: dict[str, str | int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ProbeResult:
    """`teams` and `counts` (people, teams, courses) are filled only when every step passed."""

    steps: tuple[ProbeStep, ...]
    teams: tuple[TeamRecord, ...] = ()
    counts: dict[str, int] = field(default_factory=dict)

    @property
    def passed(self) -> bool:
        return all(step.passed for step in self.steps)


class Session(Protocol):
    """A provider with a key. Every reading method may raise the errors of `contract.errors`; `start`
    is a zero-based record offset; `calls` counts HTTP requests made since it was opened. `longest_range` is
    the longest time that the lists of changes answer for at once, 0 where there are none; `page_size` how
    many rows a page holds, `most_ahead` how many calls may be under way at once."""

    calls: int
    most_ahead: int
    page_size: int
    longest_range: timedelta

    def fork(self) -> Session:
        """Another session of the same key, for another thread."""
        ...

    def prepay(self) -> None:
        """Take the next call from the budget now; raises BudgetEmpty."""
        ...

    def count_people(self) -> int: ...
    def read_teams(self, start: int) -> Page[TeamRecord]: ...
    def read_people(self, start: int) -> Page[PersonRecord]: ...
    def read_members(self, team_id: str, start: int) -> Page[str]: ...
    def read_courses(self, start: int) -> Page[CourseRecord]: ...
    def read_changed_people(self, since: datetime, to: datetime, start: int) -> Page[ChangedPerson]:
        """Created or changed in the range; deleted ones need not be listed. Raises Missing where there is
        no such list."""
        ...

    def read_moves(self, since: datetime, to: datetime, start: int) -> Page[MoveRecord]:
        """Raises Missing where there is no such list."""
        ...

    def read_new_people(self, since: datetime, start: int) -> Page[PersonRecord]:
        """Full records of those created after `since`."""
        ...

    def find_person(self, integration_id: str) -> PersonRecord | None: ...
    def find_course(self, course_id: str) -> CourseRecord | None: ...
    def search_people(self, text: str) -> tuple[PersonRecord, ...]:
        """The first few whose name, e-mail or user name holds `text`, inactive ones too; unreadable
        records are left out."""
        ...

    def read_teams_of(self, integration_id: str) -> tuple[TeamRecord, ...]:
        """Every team of one person. Raises Missing when there is no such person."""
        ...

    def assign_courses(
        self, person_id: str, course_ids: Sequence[str], *, send_message: bool
    ) -> None:
        """Sent once, never tried again by itself. An id that the provider does not know, or a course
        already assigned, may pass in silence: read back what became of it. Raises Missing when there is
        no such person."""
        ...

    def unassign_course(self, person_id: str, course_id: str) -> None:
        """Raises Missing when it was not assigned."""
        ...

    def read_assignments_of(self, person_id: str) -> tuple[AssignmentRecord, ...]:
        """Every course of one person. Raises Missing when there is no such person."""
        ...

    def read_assignments_of_many(
        self, person_ids: Sequence[str]
    ) -> dict[str, tuple[AssignmentRecord, ...]]:
        """Of at most MOST_READ_AT_ONCE people, in one call. Who is not there is left out; so may be a
        course: ask for that one person before believing it."""
        ...

    def read_assigned(self, course_id: str, start: int) -> Page[ResultRecord]:
        """Everybody who has the course. Raises Missing when there is no such course."""
        ...

    def read_logins(self, start: int) -> Page[LoginRecord]: ...

    def course_import_code(self, course_id: str) -> str:
        """By which code `import_assignments` knows the course; '' when it can't be had. Raises Missing."""
        ...

    def import_assignments(self, codes_by_user_name: Mapping[str, Sequence[str]]) -> None:
        """At most MOST_IMPORTED people with at most MOST_CODES courses each, in one call, without any
        e-mail. Sent once; the provider does it later and tells nobody how it went: read it back."""
        ...

    def create_person(self, *, email: str, first_name: str, last_name: str) -> str:
        """The id of the new person, who is told nothing. Sent once; raises Fatal where the name is taken or
        not accepted."""
        ...

    def read_results(self, since: datetime, start: int) -> Page[ResultRecord]:
        """What changed in anybody's courses after `since` (UTC)."""
        ...

    def read_completions(self, since: datetime, start: int) -> Page[CompletionRecord]:
        """Completions of everybody after `since` (UTC)."""
        ...

    def close(self) -> None: ...


class Provider(Protocol):
    key: str
    label: str
    sentence: str
    logo: str
    key_hint: str
    capabilities: frozenset[Capability]

    def regions(self) -> tuple[Region, ...]: ...
    def connect(
        self, *, region: str, api_key: Secret, budget: Budget, seconds: float | None = None
    ) -> Session:
        """`seconds`: somebody waits in front of a page, so each call is tried once and all of them end
        by then."""
        ...

    def probe(self, *, region: str, api_key: Secret, budget: Budget) -> ProbeResult: ...
    def completion_in(self, payload: dict[str, Any]) -> CompletionRecord | None:
        """What the provider's own webhook tells; None when it is about something else. Raises ValueError
        when it is about a completion and can't be read."""
        ...
