"""What may happen to a real worker process."""

import pytest

from integrations.providers.litmos.sandbox import Sandbox
from tests.processes.installation import Installation

pytestmark = [pytest.mark.processes, pytest.mark.timeout(240)]


@pytest.fixture
def installation(tmp_path):
    sandbox = Sandbox(users=60, teams=6, courses=5, seed=3, rate=None)
    with sandbox.serve() as server:
        portal = Installation(tmp_path, sandbox, server.url)
        try:
            portal.set_up()
            yield portal
        finally:
            portal.close()


def test_killed(installation, record_property):
    """A worker killed by SIGKILL, twice at the same page"""
    record_property("row", test_killed.__doc__)
    installation.sync()
    for attempt in range(2):
        worker = installation.worker(app="tests.processes.killing", KILL_AT="MEMBERS:5")
        if attempt:
            installation.beat()
        worker.wait(timeout=90)
        assert installation.run()["status"] == "RUNNING"
        assert installation.state()["seats"] == []
    installation.worker()
    run = installation.wait_for_the_end()
    assert (run["status"], run["epoch"]) == ("SYNCED", 3)
    lost = [seat for seat in installation.state()["seats"] if not seat[2]]
    record_property("happened", f"{run['status']} by the third worker")
    record_property("lost", len(lost))
    assert lost == []
