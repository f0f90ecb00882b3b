"""The whole rehearsal tenant: people, teams, and here courses with their assignments."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from .fields import BLANK_COURSE, COURSE_FIELDS, Record
from .tables import Assignment, locked
from .teams import Teams


class Tenant(Teams):
    @property
    def courses(self) -> dict[str, Record]:
        return {course_id: dict(course) for course_id, course in self._courses.items()}

    def course(self, course_id: str) -> Record | None:
        return self._courses.get(course_id)

    @locked
    def add_course(self, /, **fields: object) -> str:
        """Fields by their Litmos names; Name is the one that is needed."""
        refuse_unknown_course(fields)
        course_id = str(fields.pop("Id", "") or self.ids.short())
        number = self.ids.number()
        course = {**BLANK_COURSE, "OriginalId": number, **fields, "Id": course_id}
        if "CourseCodeForBulkImport" not in fields:
            course["CourseCodeForBulkImport"] = f"{number}-{course['Code']}"
        self._courses[course_id] = course
        self.changed()
        return course_id

    @locked
    def update_course(self, course_id: str, /, **fields: object) -> None:
        refuse_unknown_course(fields)
        self._courses[course_id] |= {**fields, "Id": course_id}
        self.changed()

    @locked
    def delete_course(self, course_id: str) -> None:
        del self._courses[course_id]
        for assigned in self._assigned.values():
            assigned.pop(course_id, None)
        self.changed()

    @locked
    def assign(self, user_id: str, course_id: str) -> bool:
        """False when it was assigned already, or when there is no such course."""
        assigned = self._assigned.setdefault(user_id, {})
        if course_id in assigned or course_id not in self._courses:
            return False
        assigned[course_id] = Assignment(self.now(), self.ids.number())
        return True

    @locked
    def unassign(self, user_id: str, course_id: str) -> None:
        del self._assigned[user_id][course_id]

    @locked
    def complete(self, user_id: str, course_id: str) -> None:
        now = self.now()
        self._progress(
            user_id, course_id, percentage=100.0, completed=now, started=now, is_overdue=False
        )

    @locked
    def start(self, user_id: str, course_id: str, percentage: float = 40.0) -> None:
        self._progress(user_id, course_id, percentage=percentage, started=self.now())

    @locked
    def let_expire(self, user_id: str, course_id: str) -> None:
        self._progress(user_id, course_id, is_overdue=True)

    def _progress(self, user_id: str, course_id: str, **changes: Any) -> None:
        self.assign(user_id, course_id)
        before = self._assigned[user_id][course_id]
        self._assigned[user_id][course_id] = replace(before, updated=self.now(), **changes)

    def assignments(self, user_id: str) -> dict[str, Assignment]:
        return dict(self._assigned.get(user_id, {}))

    def all_assignments(self) -> Iterator[tuple[str, str, Assignment]]:
        for user_id, assigned in self._assigned.items():
            for course_id, assignment in assigned.items():
                yield user_id, course_id, assignment


def refuse_unknown_course(fields: dict[str, object]) -> None:
    unknown = sorted(fields.keys() - set(COURSE_FIELDS))
    if unknown:
        raise TypeError(f"Not fields of a Litmos course: {', '.join(unknown)}")
