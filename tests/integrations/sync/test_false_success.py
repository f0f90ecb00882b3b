"""False success is impossible: whichever page of a reading fails for good, the run is not Synced."""

from collections import Counter
from dataclasses import replace

import pytest
from django_scopes import scope

from integrations.providers.litmos.sandbox import Sandbox
from tests.integrations.sync.states import memberships
from tests.integrations.sync.wire import QUICK, Wire
from tests.passes import spread

pytestmark = pytest.mark.django_db
SMALL = replace(QUICK, page_size=20)
FAULTS = ("500", "503", "404", "truncated", "html200", "reset", "object", "latin1")


@pytest.fixture
def sandbox() -> Sandbox:
    return Sandbox(users=45, teams=3, courses=25, seed=5, rate=None)


@pytest.fixture
def wire(acme, sandbox):
    with scope(account=acme), sandbox.serve() as server:
        yield Wire(acme, sandbox, server.url)


def pages_of(sandbox) -> list[str]:
    """Every page of the reading just made, as the rule of a fault names it."""
    return [f"{call.path}$?start={call.query.get('start', '')}" for call in sandbox.calls]


@pytest.mark.parametrize("fault", spread(FAULTS))
def test_whichever_page_fails_for_good(wire, sandbox, fault):
    assert wire.sync(limits=SMALL).status == "SYNCED"
    tenant = sandbox.tenant
    leaver = next(
        key for key, user in tenant.users.items() if user["Active"] and tenant.teams_of(key)
    )
    sandbox.calls.clear()
    assert wire.sync(limits=SMALL).status == "SYNCED"
    pages = pages_of(sandbox)
    assert len(pages) == len(set(pages)) > 8
    tenant.deactivate(leaver)

    endings = Counter()
    for page in pages:
        sandbox.faults.set(f"{fault}:{page}")
        before = memberships()
        run = wire.sync(limits=SMALL)
        endings[run.status] += 1
        assert run.status in ("FAILED", "WARNINGS", "HELD"), page
        assert run.status == "FAILED" or fault == "404", page
        if run.status == "FAILED":
            assert memberships() == before, page

    sandbox.faults.clear()
    assert wire.sync(limits=SMALL).status == "SYNCED"
    assert sum(endings.values()) == len(pages)
