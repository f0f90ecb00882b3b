"""Fills a tenant with a made-up company, the same one for the same seed and sizes."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from .company import (
    COMPANY,
    COST_CENTRES,
    DOMAIN,
    EMPLOYMENT,
    JOBS,
    LEADING_JOBS,
    courses,
    team_names,
)
from .fields import AT, BLANK_USER, Record, Row
from .oddities import applied, is_in_no_team, oddity
from .people import LOGIN_ADDRESS, as_text
from .places import PLACES, Place, numbers, plain
from .tables import Link, guid
from .tenant import Tenant

T = TypeVar("T")
FOUNDED = datetime(2019, 3, 4, 8, 0, tzinfo=UTC)
LATEST = datetime(2025, 9, 1, 6, 30, tzinfo=UTC)
DAYS = (LATEST - FOUNDED).days
LEARNERS_WITH_COURSES = 2000
NO_MANAGER = ("0", "")


def fill(
    tenant: Tenant, *, users: int, teams: int, courses: int, seed: int, teams_each: float
) -> None:
    source = random.Random(f"tenant-{seed}")  # noqa: S311 made-up people
    clock, tenant.now = tenant.now, lambda: LATEST
    _add_teams(tenant, teams)
    _add_courses(tenant, courses)
    Workforce(tenant, source, users, teams_each).hire()
    _assign(tenant, source)
    tenant.now = clock


def _add_teams(tenant: Tenant, wanted: int) -> None:
    ids: dict[str, str] = {}
    for name, parent in team_names(wanted):
        ids[name] = tenant.add_team(name, ids.get(parent, ""))


def _add_courses(tenant: Tenant, wanted: int) -> None:
    for code, name, description, is_active in courses(wanted):
        tenant.add_course(Code=code, Name=name, Description=description, Active=is_active)


class Workforce:
    def __init__(
        self, tenant: Tenant, source: random.Random, wanted: int, teams_each: float
    ) -> None:
        self.tenant = tenant
        #: Of one person beyond the first: so many, and one more by that chance.
        self.more_teams, self.chance = divmod(round(max(teams_each - 1, 0), 6), 1)
        self.random = source.random
        self.source = source
        self.wanted = wanted
        self.teams = tuple(tenant.teams)
        # Early teams are large, late ones small; a tenth of many teams stays empty.
        self.open_teams = max(1, len(self.teams) - len(self.teams) // 10)
        self.managers: list[tuple[str, str]] = []
        self.addresses: dict[str, int] = {}
        self.days = [FOUNDED + timedelta(days=day, minutes=day % 479) for day in range(DAYS)]
        self.dates = [as_text(day) for day in self.days]
        self.links = [Link(day, day) for day in self.days]

    def hire(self) -> None:
        for number in range(self.wanted):
            row = self.person(number)
            self.tenant.put_row(row)
            if number < self.wanted // 9 + 1 and row[AT["Active"]]:
                self.managers.append((row[0], f"{row[AT['FullName']]} {row[AT['UserName']]}"))
            self.place(number, row[0])

    def pick(self, choices: Sequence[T]) -> T:
        return choices[int(self.random() * len(choices))]

    def person(self, number: int) -> Row:
        place = self.pick(PLACES)
        record = {
            **BLANK_USER,
            **self.identity(number, self.pick(place.first_names), self.pick(place.last_names)),
            **self.contact(place),
            **self.work(number, place),
        }
        changes = oddity(number)
        return list((applied(record, changes) if changes else record).values())

    def address(self, first: str, last: str) -> str:
        local = f"{plain(first)}.{plain(last)}"
        times = self.addresses[local] = self.addresses.get(local, 0) + 1
        return f"{local}{times if times > 1 else ''}@{DOMAIN}"

    def identity(self, number: int, first: str, last: str) -> Record:
        created = int((number + self.random()) / self.wanted * DAYS)
        seen = created + int(self.random() * (DAYS - created))
        address = self.address(first, last)
        return {
            "Id": self.user_id(number),
            "UserName": address,
            "FirstName": first,
            "LastName": last,
            "FullName": f"{first} {last}",
            "Email": address,
            "AccessLevel": _access_level(number),
            "LoginKey": LOGIN_ADDRESS + guid(self.source),
            "SkipFirstLogin": True,
            "OriginalId": self.tenant.ids.number(),
            "CreatedDate": self.dates[created],
            "LastLogin": self.dates[seen] if self.random() < 0.85 else "",
            "ExternalEmployeeId": f"E{10_000 + number}",
        }

    def user_id(self, number: int) -> str:
        """The oldest third has short ids. Two early ones begin with - and with _."""
        ids = self.tenant.ids
        found = ids.short() if number * 3 < self.wanted else ids.long()
        return {3: "-", 5: "_"}.get(number, found[0]) + found[1:]

    def contact(self, place: Place) -> Record:
        city, state = self.pick(place.cities)
        return {
            "PhoneWork": self.pick(numbers(place.phone)),
            "PhoneMobile": self.pick(numbers(place.phone)).replace(" ", ""),
            "Street1": place.street.format(1 + int(self.random() * 180)),
            "Street2": f"Floor {1 + int(self.random() * 9)}" if self.random() < 0.3 else "",
            "City": city,
            "State": state,
            "PostalCode": self.pick(numbers(place.postcode)),
            "Country": place.country,
            "TimeZone": place.timezone,
            "Culture": place.culture,
        }

    def work(self, number: int, place: Place) -> Record:
        is_leading = number < self.wanted // 9 + 1
        manager_id, manager = self.pick(self.managers) if self.managers else NO_MANAGER
        if manager_id != "0" and number % 19 == 6:
            # Seen in the wild: the manager's id in the other of the two lengths.
            manager_id = self.tenant.ids.short()
        return {
            "CompanyName": COMPANY,
            "JobTitle": self.pick(LEADING_JOBS if is_leading else JOBS),
            "CustomField1": self.pick(COST_CENTRES),
            "CustomField2": self.pick(EMPLOYMENT),
            "CustomField3": place.site,
            "ManagerId": manager_id,
            "ManagerName": manager,
        }

    def place(self, number: int, user_id: str) -> None:
        if not self.teams or is_in_no_team(number):
            return
        first = number if number < self.open_teams else self.any_team()
        self.put(first, user_id)
        for _ in range(int(self.more_teams)):
            self.put(self.any_team(), user_id)
        if self.random() < self.chance:
            self.put(self.any_team(), user_id)
        if _access_level(number) == "Team_Leader":
            self.tenant.set_role(self.teams[first], user_id, leader=True)

    def any_team(self) -> int:
        return int(self.random() ** 2 * self.open_teams)

    def put(self, at: int, user_id: str) -> None:
        self.tenant.put_link(self.teams[at], user_id, self.pick(self.links))


def _access_level(number: int) -> str:
    first = (
        "Account_Owner",
        "Administrator",
        "Team_Admin",
        "Team_Leader",
        "Learner",
        "Team_Leader",
    )
    return first[number] if number < len(first) else "Learner"


def _assign(tenant: Tenant, source: random.Random) -> None:
    """A little history, so that results and achievements are not empty."""
    course_ids = tuple(tenant.courses)
    if not course_ids:
        return
    for user_id in tuple(tenant.rows)[:LEARNERS_WITH_COURSES:3]:
        course_id = course_ids[int(source.random() * len(course_ids))]
        if source.random() < 0.6:
            tenant.complete(user_id, course_id)
        else:
            tenant.assign(user_id, course_id)
