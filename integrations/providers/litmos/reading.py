"""What a sync and the connection test read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import quote

from integrations.contract.errors import Fatal, Missing, Retryable
from integrations.contract.records import (
    ChangedPerson,
    CourseRecord,
    MoveRecord,
    Page,
    PersonRecord,
    Rejected,
    TeamRecord,
)
from integrations.providers.litmos import changes, mapping
from integrations.providers.litmos.limits import Limits
from integrations.providers.litmos.paging import Paging

Record = TypeVar("Record")
#: Litmos takes no longer search, and a person in front of the page wants no longer list.
LONGEST_SEARCH, MOST_FOUND = 50, 20


class Reading:
    limits: Limits
    longest_range: timedelta = changes.LONGEST_RANGE
    _paging: Paging

    if TYPE_CHECKING:

        def _ask(
            self, path: str, parameters: Mapping[str, int | str], *, shape: type[Any]
        ) -> Any: ...

    def count_people(self) -> int:
        """Active and inactive ones, as `read_people` lists them."""
        answer = self._ask("/users/paginated", {"limit": 1}, shape=dict)
        total = mapping.total_people(answer)
        if total is None:
            raise Retryable("bad_format", "no TotalCount")
        return total

    def check_full_records(self) -> None:
        """Whether the key may read what a sync reads. Raises Credentials("not_permitted")."""
        self._ask("/users/details", {"limit": 1, "start": 0}, shape=list)

    def read_teams(self, start: int) -> Page[TeamRecord]:
        return self._page("/teams", start, mapping.team_record)

    def read_people(self, start: int) -> Page[PersonRecord]:
        return self._page("/users/details", start, mapping.person_record)

    def read_members(self, team_id: str, start: int) -> Page[str]:
        path = f"/teams/{quote(team_id, safe='')}/users"
        return self._page(path, start, mapping.member_id, missing="team_missing")

    def read_courses(self, start: int) -> Page[CourseRecord]:
        return self._page("/courses", start, mapping.course_record)

    def read_changed_people(self, since: datetime, to: datetime, start: int) -> Page[ChangedPerson]:
        return self._changes("/org/users/details", since, to, start, changes.changed_person)

    def read_moves(self, since: datetime, to: datetime, start: int) -> Page[MoveRecord]:
        return self._changes("/org/teams/users", since, to, start, changes.move_record)

    def read_new_people(self, since: datetime, start: int) -> Page[PersonRecord]:
        asked = {"since": changes.as_asked(since)}
        return self._page("/users/details", start, mapping.person_record, asked=asked)

    def find_person(self, integration_id: str) -> PersonRecord | None:
        return self._one(f"/users/{quote(integration_id, safe='')}", mapping.person_record)

    def find_course(self, course_id: str) -> CourseRecord | None:
        return self._one(f"/courses/{quote(course_id, safe='')}", mapping.course_record)

    def _one(self, path: str, make: Callable[[Any], Record | Rejected]) -> Record | None:
        try:
            row = self._ask(path, {}, shape=dict)
        except Missing:
            return None
        record = make(row)
        if isinstance(record, Rejected):
            raise Retryable("bad_format", record.reason)
        return record

    def search_people(self, text: str) -> tuple[PersonRecord, ...]:
        asked: dict[str, int | str] = {
            "search": text[:LONGEST_SEARCH],
            "limit": MOST_FOUND,
            "start": 0,
        }
        made = [
            mapping.person_record(row) for row in self._ask("/users/details", asked, shape=list)
        ]
        return tuple(one for one in made if not isinstance(one, Rejected))

    def read_teams_of(self, integration_id: str) -> tuple[TeamRecord, ...]:
        path = f"/users/{quote(integration_id, safe='')}/teams"
        teams: list[TeamRecord] = []
        start, is_last = 0, False
        while not is_last:
            page = self._page(path, start, mapping.team_record, missing="person_missing")
            teams += page.records
            start, is_last = start + page.received, page.is_last
        return tuple(teams)

    def _changes(
        self,
        path: str,
        since: datetime,
        to: datetime,
        start: int,
        make: Callable[[Any], Record | Rejected],
    ) -> Page[Record]:
        asked = {"since": changes.as_asked(since), "to": changes.as_asked(to)}
        return self._page(path, start, make, missing="no_changes", asked=asked)

    def _page(
        self,
        path: str,
        start: int,
        make: Callable[[Any], Record | Rejected],
        missing: str = "",
        asked: Mapping[str, str] | None = None,
    ) -> Page[Record]:
        limit = self.limits.page_size
        if start >= limit * self.limits.most_pages:
            raise Fatal("too_large", f"more than {start} rows")
        try:
            rows = self._ask(path, {"limit": limit, "start": start, **(asked or {})}, shape=list)
        except Missing:
            raise (Missing(missing) if missing else Fatal("wrong_site")) from None
        self._paging.refuse_the_same_page(f"{path} {asked}", start, rows)
        made = [make(row) for row in rows]
        return Page(
            records=tuple(one for one in made if not isinstance(one, Rejected)),
            received=len(rows),
            is_last=self._paging.is_last(len(rows)),
            rejected=tuple(one for one in made if isinstance(one, Rejected)),
        )
