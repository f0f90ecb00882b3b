"""Assigning courses, and how far people got with them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from integrations.contract.errors import Missing
from integrations.contract.records import AssignmentRecord, CompletionRecord, Page, Rejected
from integrations.providers.litmos import progress
from integrations.providers.litmos.limits import Limits
from integrations.providers.litmos.paging import Paging


class Enrolling:
    limits: Limits
    _paging: Paging

    if TYPE_CHECKING:

        def _ask(
            self, path: str, parameters: Mapping[str, int | str], *, shape: type[Any]
        ) -> Any: ...
        def _write(
            self, method: str, path: str, parameters: Mapping[str, int | str], body: Any = None
        ) -> None: ...

    def assign_courses(
        self, person_id: str, course_ids: Sequence[str], *, send_message: bool
    ) -> None:
        """POST /users/{id}/courses: unknown and already assigned ids are ignored without a word."""
        body = [{"Id": course_id} for course_id in course_ids]
        told = {"sendmessage": str(send_message).lower()}
        try:
            self._write("POST", f"/users/{quote(person_id, safe='')}/courses", told, body)
        except Missing:
            raise Missing("person_missing") from None

    def unassign_course(self, person_id: str, course_id: str) -> None:
        person, course = quote(person_id, safe=""), quote(course_id, safe="")
        self._write("DELETE", f"/users/{person}/courses/{course}", {}, [])

    def read_assignments_of(self, person_id: str) -> tuple[AssignmentRecord, ...]:
        path = f"/users/{quote(person_id, safe='')}/courses"
        found: list[AssignmentRecord] = []
        limit, start, is_last = self.limits.page_size, 0, False
        while not is_last:
            try:
                rows = self._ask(path, {"limit": limit, "start": start}, shape=list)
            except Missing:
                raise Missing("person_missing") from None
            self._paging.refuse_the_same_page(path, start, rows)
            found += _readable([progress.assignment_record(row) for row in rows])
            start, is_last = start + len(rows), self._paging.is_last(len(rows))
        return tuple(found)

    def read_completions(self, since: datetime, start: int) -> Page[CompletionRecord]:
        """GET /achievements: one row for each completion, newest first."""
        asked: dict[str, int | str] = {
            "since": f"{since:%Y-%m-%d %H:%M:%S}",
            "limit": self.limits.page_size,
            "start": start,
        }
        rows = self._ask("/achievements", asked, shape=list)
        self._paging.refuse_the_same_page("/achievements", start, rows)
        made = [progress.completion_record(row) for row in rows]
        return Page(
            records=tuple(_readable(made)),
            received=len(rows),
            is_last=self._paging.is_last(len(rows)),
            rejected=tuple(one for one in made if isinstance(one, Rejected)),
        )


def _readable(made: list[Any]) -> list[Any]:
    return [one for one in made if not isinstance(one, Rejected)]
