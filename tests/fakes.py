"""A provider without a network: a dict of tables that the engine reads as it would read Litmos."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.utils import timezone

from integrations.contract.errors import Fatal, Missing
from integrations.contract.records import (
    FIELD_LENGTHS,
    ChangedPerson,
    CourseRecord,
    MoveRecord,
    Note,
    Page,
    PersonRecord,
    Rejected,
    TeamRecord,
    fingerprint_of,
)
from targets.emails import email_key, normalise


@dataclass
class Remote:
    """`people` maps id to {"email", "is_active", field: value}; `members` maps team id to people's ids;
    `unreadable` are ids whose records come but can't be read; `hidden` are
    left out of the list though they are there; `faults` are raised one a call. With `lists_changes` it
    also tells what differs from the last time that it was looked at: never of people who were deleted."""

    people: dict[str, dict] = field(default_factory=dict)
    teams: dict[str, str] = field(default_factory=dict)
    members: dict[str, set[str]] = field(default_factory=dict)
    courses: dict[str, dict] = field(default_factory=dict)
    unreadable: set[str] = field(default_factory=set)
    hidden: set[str] = field(default_factory=set)
    faults: list[Exception | None] = field(default_factory=list)
    page_size: int = 1000
    lists_changes: bool = False
    changed: dict[str, datetime] = field(default_factory=dict)
    moved: dict[tuple[str, str], tuple[bool, datetime]] = field(default_factory=dict)
    seen: dict[str, str] = field(default_factory=dict)
    seats: set[tuple[str, str]] = field(default_factory=set)
    #: What the lists of changes make of their rows.
    listed: Callable[[list], list] = list

    def look(self) -> None:
        now = timezone.now()
        people = {key: repr((row, key in self.unreadable)) for key, row in self.people.items()}
        self.changed |= {key: now for key, row in people.items() if self.seen.get(key) != row}
        seats = {(team, one) for team in self.teams for one in self.members[team] if one in people}
        for pair in seats ^ self.seats:
            self.moved[pair] = (pair in seats, now)
        self.seen, self.seats = people, seats

    def person(self, key: str, email: str = "", teams: str = "", **values) -> None:
        self.people[key] = {"email": email, "is_active": True, **values}
        for team in teams.split():
            self.members[team].add(key)

    def team(self, key: str, name: str) -> None:
        self.teams[key] = name
        self.members.setdefault(key, set())

    def course(self, key: str, name: str, **values) -> None:
        self.courses[key] = {"name": name, **values}

    def session(self) -> FakeSession:
        return FakeSession(self)


@dataclass
class FakeSession:
    remote: Remote
    calls: int = 0
    closed: bool = False
    most_ahead: int = 0

    def __post_init__(self) -> None:
        self.page_size = self.remote.page_size
        self.longest_range = timedelta(days=7 if self.remote.lists_changes else 0)
        self.remote.look()

    def close(self) -> None:
        self.closed = True

    def count_people(self) -> int:
        self._call()
        return len(self.remote.people)

    def read_teams(self, start: int) -> Page[TeamRecord]:
        rows = [TeamRecord(key, name) for key, name in self.remote.teams.items()]
        return self._page(rows, start)

    def read_people(self, start: int) -> Page[PersonRecord]:
        listed = [key for key in self.remote.people if key not in self.remote.hidden]
        keys = listed[start : start + self.remote.page_size]
        self._call()
        good = tuple(record(key, self.remote.people[key]) for key in keys if self._readable(key))
        bad = tuple(Rejected(key, "Active is missing") for key in keys if not self._readable(key))
        return Page(good, len(keys), len(keys) < self.remote.page_size, bad)

    def read_members(self, team_id: str, start: int) -> Page[str]:
        if team_id not in self.remote.teams:
            self._call()
            raise Missing("team_missing")
        people = self.remote.people
        rows = sorted(
            key
            for key in self.remote.members[team_id]
            if key in people and people[key]["is_active"]
        )
        return self._page(rows, start)

    def read_courses(self, start: int) -> Page[CourseRecord]:
        rows = [CourseRecord(integration_id=key, **row) for key, row in self.remote.courses.items()]
        return self._page(rows, start)

    def read_changed_people(self, since: datetime, to: datetime, start: int) -> Page:
        self._refuse_too_long(since, to)
        self.remote.look()
        people = self.remote.people
        rows = [
            (key, when)
            for key, when in self.remote.changed.items()
            if key in people and since <= when <= to
        ]
        page = self._page(self.remote.listed(rows), start)
        good = tuple(
            ChangedPerson(
                record(key, people[key] | {"language": ""}), when, frozenset({"language"})
            )
            for key, when in page.records
            if self._readable(key)
        )
        bad = tuple(
            Rejected(key, "Active is missing") for key, _ in page.records if not self._readable(key)
        )
        return Page(good, page.received, page.is_last, bad)

    def read_moves(self, since: datetime, to: datetime, start: int) -> Page[MoveRecord]:
        self._refuse_too_long(since, to)
        self.remote.look()
        rows = [
            MoveRecord(team, person, is_member, when)
            for (team, person), (is_member, when) in self.remote.moved.items()
            if since <= when <= to and person in self.remote.people and team in self.remote.teams
        ]
        return self._page(self.remote.listed(rows), start)

    def _refuse_too_long(self, since: datetime, to: datetime) -> None:
        if to - since > self.longest_range:
            raise Fatal("unexpected", "HTTP 406")

    def read_new_people(self, since: datetime, start: int) -> Page[PersonRecord]:
        rows = [
            record(key, row)
            for key, row in self.remote.people.items()
            if self.remote.changed[key] >= since and self._readable(key)
        ]
        return self._page(rows, start)

    def find_person(self, integration_id: str) -> PersonRecord | None:
        self._call()
        row = self.remote.people.get(integration_id)
        return record(integration_id, row) if row else None

    def find_course(self, course_id: str) -> CourseRecord | None:
        self._call()
        row = self.remote.courses.get(course_id)
        return CourseRecord(integration_id=course_id, **row) if row else None

    def search_people(self, text: str) -> tuple[PersonRecord, ...]:
        self._call()
        wanted = text.casefold()
        return tuple(
            record(key, row)
            for key, row in self.remote.people.items()
            if wanted in f"{row['email']} {row.get('name', '')}".casefold()
        )

    def read_teams_of(self, integration_id: str) -> tuple[TeamRecord, ...]:
        self._call()
        if integration_id not in self.remote.people:
            raise Missing("person_missing")
        teams = self.remote.teams.items()
        mine = [(k, name) for k, name in teams if integration_id in self.remote.members[k]]
        return tuple(TeamRecord(key, name) for key, name in mine)

    def _readable(self, key: str) -> bool:
        return key not in self.remote.unreadable

    def _call(self) -> None:
        self.calls += 1
        if self.remote.faults and (fault := self.remote.faults.pop(0)):
            raise fault

    def _page(self, rows: list, start: int) -> Page:
        self._call()
        part = tuple(rows[start : start + self.remote.page_size])
        return Page(part, len(part), len(part) < self.remote.page_size)


def record(key: str, row: dict) -> PersonRecord:
    raw = row["email"]
    email = normalise(raw)
    lacks = frozenset(row.get("lacks", ()))
    values = {name: "" if name in lacks else row.get(name, "") for name in FIELD_LENGTHS}
    return PersonRecord(
        integration_id=key,
        email=email,
        email_key=email_key(email),
        is_active=row["is_active"],
        fields=values,
        fingerprint=fingerprint_of(email, values),
        email_problem="" if email else ("INVALID_EMAIL" if raw else "NO_EMAIL"),
        raw_email=raw,
        notes=tuple(Note(*note) for note in row.get("notes", ())),
        lacks=lacks,
    )
