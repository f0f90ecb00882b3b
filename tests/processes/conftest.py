import pytest

from integrations.providers.litmos.sandbox import Sandbox
from tests.processes.installation import Installation


@pytest.fixture
def sandbox() -> Sandbox:
    return Sandbox(users=60, teams=6, courses=5, seed=3, rate=None)


@pytest.fixture
def installation(tmp_path, sandbox):
    with sandbox.serve() as server:
        portal = Installation(tmp_path, sandbox, server.url)
        try:
            portal.set_up()
            yield portal
        finally:
            portal.close()
