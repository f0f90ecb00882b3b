"""A provider for the pages: two regions, keys that mean something, as many teams as wanted."""

from dataclasses import dataclass, field

from integrations.contract.errors import IntegrationError
from integrations.contract.provider import Capability, ProbeResult, ProbeStep, Region
from integrations.contract.records import TeamRecord
from tests.fakes import Remote

GOOD_KEY = "good-key-0123456789"
EUROPEAN_KEY = "euro-key-0123456789"


@dataclass
class Site:
    """What the provider has, `remote` its people; `asked` lists the regions and keys of the tests made."""

    teams: list[TeamRecord] = field(default_factory=list)
    asked: list[tuple[str, str]] = field(default_factory=list)
    failure: ProbeStep | None = None
    remote: Remote = field(default_factory=Remote)
    error: IntegrationError | None = None

    def has_teams(self, number: int) -> None:
        self.teams = [TeamRecord(f"t{n}", f"Team {n:04}") for n in range(1, number + 1)]


SITE = Site()


class Paper:
    key = "paper"
    label = "Paper LMS"
    sentence = "Courses on paper."
    logo = "portal/mark.svg"
    key_hint = "It is printed under the lid."
    capabilities = frozenset(Capability)

    def regions(self):
        return (
            Region(key="us", label="United States", base_url="paper://us"),
            Region(key="eu", label="European Union", base_url="paper://eu"),
        )

    def connect(self, *, region, api_key, budget, seconds=None):
        if SITE.error:
            raise SITE.error
        return SITE.remote.session()

    def probe(self, *, region, api_key, budget):
        SITE.asked.append((region, api_key.reveal()))
        reached = ProbeStep(key="HOST", passed=True)
        failure = SITE.failure or _refusal(region, api_key.reveal())
        if failure:
            return ProbeResult((reached, failure))
        steps = (reached, ProbeStep(key="KEY", passed=True), ProbeStep(key="TEAMS", passed=True))
        return ProbeResult(steps, tuple(SITE.teams), {"people": 3, "teams": len(SITE.teams)})


def _refusal(region, key):
    if key == GOOD_KEY or (key == EUROPEAN_KEY and region == "eu"):
        return None
    args = {"region": "European Union"} if key == EUROPEAN_KEY else {}
    return ProbeStep(key="KEY", passed=False, code="key_refused", args=args)
