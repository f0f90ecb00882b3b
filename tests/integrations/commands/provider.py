"""A provider for the commands: the in-memory remote behind one good key."""

from integrations.contract.errors import Credentials
from integrations.contract.provider import Capability, ProbeResult, ProbeStep, Region
from integrations.contract.records import TeamRecord
from tests.fakes import Remote

GOOD_KEY = "good-key-0123456789"
REMOTE = Remote()


class Memory:
    key = "memory"
    label = "Memory"
    sentence = "A provider without a network."
    logo = ""
    key_hint = ""
    capabilities = frozenset(Capability)

    def regions(self):
        return (Region(key="here", label="Over Here", base_url="memory://here"),)

    def connect(self, *, region, api_key, budget, seconds=None):
        if api_key.reveal() != GOOD_KEY:
            raise Credentials("key_refused")
        return REMOTE.session()

    def probe(self, *, region, api_key, budget):
        if api_key.reveal() != GOOD_KEY:
            return ProbeResult((ProbeStep(key="KEY", passed=False, code="key_refused"),))
        teams = tuple(TeamRecord(key, name) for key, name in REMOTE.teams.items())
        return ProbeResult((ProbeStep(key="KEY", passed=True),), teams=teams)
