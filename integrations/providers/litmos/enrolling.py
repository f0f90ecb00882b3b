"""Assigning courses, and how far people got with them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import quote

from integrations.contract.errors import Missing, Retryable
from integrations.contract.records import (
    AssignmentRecord,
    CompletionRecord,
    LoginRecord,
    Page,
    Rejected,
    ResultRecord,
)
from integrations.providers.litmos import mapping, progress
from integrations.providers.litmos.limits import Limits
from integrations.providers.litmos.paging import Paging

Record = TypeVar("Record")


class Enrolling:
    limits: Limits
    _paging: Paging

    if TYPE_CHECKING:

        def _ask(
            self,
            path: str,
            parameters: Mapping[str, int | str],
            *,
            shape: type[Any],
            body: Any = None,
        ) -> Any: ...
        def _write(
            self,
            method: str,
            path: str,
            parameters: Mapping[str, int | str],
            body: Any = None,
            *,
            shape: type[Any] | None = None,
        ) -> Any: ...

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

    def read_assignments_of_many(
        self, person_ids: Sequence[str]
    ) -> dict[str, tuple[AssignmentRecord, ...]]:
        """POST /users/courses, which reads and changes nothing."""
        body = [{"Id": person_id} for person_id in person_ids]
        rows = self._ask("/users/courses", {"limit": self.limits.page_size}, shape=list, body=body)
        return dict(progress.courses_of(row) for row in rows)

    def read_assigned(self, course_id: str, start: int) -> Page[ResultRecord]:
        path = f"/courses/{quote(course_id, safe='')}/users"
        try:
            return self._listed(path, {}, start, lambda row: progress.member_record(course_id, row))
        except Missing:
            raise Missing("course_missing") from None

    def read_logins(self, start: int) -> Page[LoginRecord]:
        return self._listed("/users", {}, start, mapping.login_record)

    def course_import_code(self, course_id: str) -> str:
        try:
            row = self._ask(f"/courses/{quote(course_id, safe='')}", {}, shape=dict)
        except Missing:
            raise Missing("course_missing") from None
        return str(row.get("CourseCodeForBulkImport") or "")

    def import_assignments(self, codes_by_user_name: Mapping[str, Sequence[str]]) -> None:
        """POST /bulkimports. No name and no e-mail goes with it: what is not sent stays as it is, and
        somebody who was deleted a moment ago can't be made anew without a name."""
        body = [
            {"Username": name, **{f"Course{at}": code for at, code in enumerate(codes, 1)}}
            for name, codes in codes_by_user_name.items()
        ]
        self._write("POST", "/bulkimports", {"sendmessage": "false"}, body)

    def create_person(self, *, email: str, first_name: str, last_name: str) -> str:
        """POST /users, as a learner; no e-mail goes out."""
        body = {
            "Id": "",
            "UserName": email,
            "FirstName": first_name,
            "LastName": last_name,
            "Email": email,
            "AccessLevel": "Learner",
            "DisableMessages": False,
            "Active": True,
            "IsCustomUsername": False,
            "SkipFirstLogin": True,
        }
        answer = self._write(
            "POST", "/users", {"sendmessage": "false", "skipfirstlogin": "true"}, body, shape=dict
        )
        made = mapping.member_id(answer)
        if isinstance(made, Rejected):
            raise Retryable("bad_format", made.reason)
        return made

    def read_results(self, since: datetime, start: int) -> Page[ResultRecord]:
        """GET /results/details: one row for each person and course, with every change since."""
        asked = {"since": _written(since)}
        return self._listed("/results/details", asked, start, progress.result_record)

    def read_completions(self, since: datetime, start: int) -> Page[CompletionRecord]:
        """GET /achievements: one row for each completion, newest first."""
        asked = {"since": _written(since)}
        return self._listed("/achievements", asked, start, progress.completion_record)

    def _listed(
        self,
        path: str,
        asked: Mapping[str, int | str],
        start: int,
        make: Callable[[Any], Record | Rejected],
    ) -> Page[Record]:
        window: dict[str, int | str] = {"limit": self.limits.page_size, "start": start}
        rows = self._ask(path, {**asked, **window}, shape=list)
        self._paging.refuse_the_same_page(path, start, rows)
        made = [make(row) for row in rows]
        return Page(
            records=tuple(one for one in made if not isinstance(one, Rejected)),
            received=len(rows),
            is_last=self._paging.is_last(len(rows)),
            rejected=tuple(one for one in made if isinstance(one, Rejected)),
        )


def _written(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S}"


def _readable(made: list[Any]) -> list[Any]:
    return [one for one in made if not isinstance(one, Rejected)]
