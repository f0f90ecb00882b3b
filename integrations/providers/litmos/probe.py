"""The connection test: a few calls, and what they tell apart."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from integrations.contract.errors import Credentials, IntegrationError, Retryable
from integrations.contract.provider import ProbeResult, ProbeStep, Region
from integrations.contract.records import Page, TeamRecord
from integrations.providers.litmos.answers import Throttled, Unavailable
from integrations.providers.litmos.client import LitmosClient

STEPS = ("HOST", "KEY", "OWNER", "TEAMS", "COUNTS")
OTHER_WORDS = {"bad_format": "not_litmos"}

Connect = Callable[[Region], LitmosClient]


@dataclass(slots=True)
class Probe:
    """`others` are the regions where a refused key is tried."""

    connect: Connect
    region: Region
    others: Sequence[Region]
    passed: list[ProbeStep] = field(default_factory=list)

    def run(self) -> ProbeResult:
        client = self.connect(self.region)
        try:
            return self._run(client)
        except IntegrationError as error:
            if isinstance(error, Throttled) and not self.passed:
                self._pass("HOST")
            return self._failed(_code(error), **_arguments(error))
        finally:
            client.close()

    def _run(self, client: LitmosClient) -> ProbeResult:
        try:
            teams = _all_teams(client)
        except Credentials as error:
            return self._refused(error)
        self._pass("HOST", "KEY")
        people = self._count_people(client)
        self._pass("OWNER")
        if not teams:
            return self._failed("no_team")
        self._pass("TEAMS")
        counts = {"people": people, "teams": len(teams), "courses": _count_courses(client)}
        steps = (*self.passed, ProbeStep("COUNTS", passed=True, args=dict(counts)))
        return ProbeResult(steps, teams=teams, counts=counts)

    def _count_people(self, client: LitmosClient) -> int:
        """Full records are for Account Owners alone, so one of them is asked for as well."""
        try:
            client.check_full_records()
            return client.count_people()
        except Credentials as error:
            error.code = "not_owner" if error.code == "not_permitted" else error.code
            raise

    def _refused(self, error: Credentials) -> ProbeResult:
        """A key of another region is refused like a wrong one, and older tenants say 403 to both."""
        self._pass("HOST")
        home = next((region for region in self.others if self._is_accepted(region)), None)
        if home:
            return self._failed("key_refused", region=home.label)
        if error.code == "not_permitted":
            self._pass("KEY")
            return self._failed("not_owner")
        return self._failed(error.code)

    def _is_accepted(self, region: Region) -> bool:
        client = self.connect(region)
        try:
            client.read_teams(0)
        except IntegrationError:
            return False
        finally:
            client.close()
        return True

    def _pass(self, *keys: str) -> None:
        self.passed += [ProbeStep(key, passed=True) for key in keys]

    def _failed(self, code: str, **arguments: str | int) -> ProbeResult:
        step = ProbeStep(STEPS[len(self.passed)], passed=False, code=code, args=arguments)
        return ProbeResult((*self.passed, step))


def _all_teams(client: LitmosClient) -> tuple[TeamRecord, ...]:
    teams: dict[str, TeamRecord] = {}
    page: Page[TeamRecord] | None = None
    start = 0
    while page is None or not page.is_last:
        page = client.read_teams(start)
        start += page.received
        teams.update({team.integration_id: team for team in page.records})
    return tuple(teams.values())


def _count_courses(client: LitmosClient) -> int:
    start, is_last = 0, False
    while not is_last:
        page = client.read_courses(start)
        start, is_last = start + page.received, page.is_last
    return start


def _code(error: IntegrationError) -> str:
    if isinstance(error, Unavailable):
        return error.cause
    return OTHER_WORDS.get(error.code, error.code)


def _arguments(error: IntegrationError) -> dict[str, str | int]:
    if isinstance(error, Retryable) and error.delay_seconds:
        return {"seconds": math.ceil(error.delay_seconds)}
    return {}
