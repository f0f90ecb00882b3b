import pytest

from integrations.providers.litmos.sandbox import Sandbox
from tests.processes.compose_like import OwnRedis, drop_role, make_role
from tests.processes.installation import Installation, free_port


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


@pytest.fixture
def as_application(installation):
    owner = dict(installation.environment)
    installation.environment |= {"DATABASE_URL": make_role(installation)}
    yield installation.environment["DATABASE_URL"]
    for process in installation.processes:
        installation.kill(process)
    installation.environment = owner
    drop_role(installation)


@pytest.fixture
def own_redis(installation, tmp_path):
    server = OwnRedis(tmp_path, free_port())
    installation.environment |= {"REDIS_URL": server.url}
    installation.wait_until(server.answers, "Redis", 20)
    yield server
    server.kill()
