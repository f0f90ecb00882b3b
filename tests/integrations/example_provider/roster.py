"""The worked example of docs/providers.md: a directory of people in one JSON document."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any, TypeVar

from integrations.contract.errors import Credentials, Fatal, Missing
from integrations.contract.provider import Budget, Capability, ProbeResult, ProbeStep, Region
from integrations.contract.records import (
    FIELD_LENGTHS,
    CourseRecord,
    Page,
    PersonRecord,
    Rejected,
    TeamRecord,
    fingerprint_of,
)
from integrations.contract.secret import Secret
from targets.cleaning import clean_text
from targets.emails import email_key, normalise

PAGE_SIZE = 100
Record = TypeVar("Record")


def person_of(row: dict[str, Any]) -> PersonRecord:
    """Everything from outside is cleaned here; ValueError for what can't be a person."""
    person_id = clean_text(str(row.get("id") or ""), 64)[0]
    if not person_id:
        raise ValueError("no id")
    fields = {n: clean_text(str(row.get(n) or ""), most)[0] for n, most in FIELD_LENGTHS.items()}
    raw = clean_text(str(row.get("email") or ""), 255)[0]
    email = normalise(raw)
    problem = "" if email else ("INVALID_EMAIL" if raw else "NO_EMAIL")
    return PersonRecord(
        integration_id=person_id,
        email=email,
        email_key=email_key(email),
        email_problem=problem,
        raw_email=raw,
        is_active=bool(row.get("active", True)),
        fields=fields,
        fingerprint=fingerprint_of(email, fields),
    )


class RosterSession:
    """Reads through `fetch`, which asks for a path and gives the JSON text, or None for nothing."""

    page_size = PAGE_SIZE
    most_ahead = 0
    longest_range = timedelta(0)

    def __init__(self, fetch: Callable[[str], str | None], budget: Budget) -> None:
        self.fetch, self.budget, self.calls = fetch, budget, 0

    def _rows(self, path: str) -> list[dict[str, Any]]:
        self.budget.take()
        self.calls += 1
        text = self.fetch(path)
        if text is None:
            raise Missing("not_found")
        try:
            rows = json.loads(text)
        except ValueError:
            raise Fatal("bad_format") from None
        return list(rows)

    def _page(
        self, path: str, start: int, read: Callable[[dict[str, Any]], Record]
    ) -> Page[Record]:
        rows = self._rows(path)
        here = rows[start : start + PAGE_SIZE]
        records: list[Record] = []
        rejected: list[Rejected] = []
        for row in here:
            try:
                records.append(read(row))
            except ValueError as error:
                rejected.append(Rejected(str(row.get("id") or ""), str(error)))
        is_last = start + len(here) >= len(rows)
        return Page(tuple(records), len(here), is_last, tuple(rejected))

    def count_people(self) -> int:
        return len(self._rows("people"))

    def read_teams(self, start: int) -> Page[TeamRecord]:
        return self._page("teams", start, lambda row: TeamRecord(str(row["id"]), str(row["name"])))

    def read_people(self, start: int) -> Page[PersonRecord]:
        return self._page("people", start, person_of)

    def read_members(self, team_id: str, start: int) -> Page[str]:
        return self._page(f"teams/{team_id}", start, lambda row: str(row["id"]))

    def read_courses(self, start: int) -> Page[CourseRecord]:
        return self._page(
            "courses", start, lambda row: CourseRecord(str(row["id"]), str(row["name"]))
        )

    def find_person(self, integration_id: str) -> PersonRecord | None:
        found = [row for row in self._rows("people") if str(row.get("id")) == integration_id]
        return person_of(found[0]) if found else None

    def find_course(self, course_id: str) -> CourseRecord | None:
        found = [
            course for course in self.read_courses(0).records if course.integration_id == course_id
        ]
        return found[0] if found else None

    def search_people(self, text: str) -> tuple[PersonRecord, ...]:
        rows = [row for row in self._rows("people") if text.casefold() in str(row).casefold()]
        return tuple(map(person_of, rows[:10]))

    def read_teams_of(self, integration_id: str) -> tuple[TeamRecord, ...]:
        teams: Sequence[TeamRecord] = self.read_teams(0).records
        return tuple(
            team
            for team in teams
            if integration_id in self.read_members(team.integration_id, 0).records
        )

    def close(self) -> None:
        """Nothing is open."""


class Roster:
    key = "roster"
    label = "Roster"
    sentence = "People, teams and courses from one JSON document."
    logo = ""
    key_hint = "The key is the one in the document's settings."
    capabilities = frozenset({Capability.DIRECTORY, Capability.COURSES})

    def __init__(self, documents: dict[str, dict[str, str]] | None = None) -> None:
        """`documents` maps a key to what its document has, path by path: here the vendor's server."""
        self.documents = documents or {}

    def regions(self) -> tuple[Region, ...]:
        return (Region(key="world", label="World", base_url="https://roster.example.com"),)

    def connect(
        self, *, region: str, api_key: Secret, budget: Budget, seconds: float | None = None
    ) -> RosterSession:
        document = self.documents.get(api_key.reveal())
        if document is None:
            raise Credentials("key_refused")
        return RosterSession(document.get, budget)

    def probe(self, *, region: str, api_key: Secret, budget: Budget) -> ProbeResult:
        try:
            session = self.connect(region=region, api_key=api_key, budget=budget)
        except Credentials as error:
            return ProbeResult((ProbeStep("KEY", passed=False, code=error.code),))
        teams = session.read_teams(0).records
        counts = {"people": session.count_people(), "teams": len(teams)}
        steps = (ProbeStep("KEY", passed=True), ProbeStep("TEAMS", passed=True))
        return ProbeResult(steps, teams, counts)
