"""A worker that dies at any place: the run goes on from its page and ends right."""

import pytest

from tests.passes import spread, thorough

pytestmark = [pytest.mark.processes, pytest.mark.timeout(240)]

#: Phase → which of its writes is the last thing the worker does.
WRITES = {
    "TEAMS": 2,
    "PEOPLE": 2,
    "MEMBERS": 5,
    "COURSES": 2,
    "CONFIRM": 1,
    "PLAN": 9,
    "APPLY": 6,
    "FINISH": 3,
}


#: What changes what a customer sees, and what comes right before and after.
NEAREST = ("MEMBERS", "PLAN", "APPLY", "FINISH")


@pytest.mark.parametrize(
    "phase", [*spread(NEAREST), *thorough(phase for phase in WRITES if phase not in NEAREST)]
)
def test_worker_killed_in_a_phase(installation, sandbox, phase):
    stopped = installation.worker(app="tests.processes.killing", KILL_AT=f"{phase}:{WRITES[phase]}")
    installation.sync()
    stopped.wait(timeout=60)
    assert installation.run()["status"] == "RUNNING"
    if phase != "FINISH":
        assert installation.state()["seats"] == []

    installation.worker()
    installation.beat()
    run = installation.wait_for_the_end()

    assert (run["status"], run["epoch"]) == ("SYNCED", 2)
    once = installation.state()
    assert once["seats"]
    assert all(active for _, _, active in once["seats"])
    installation.sync()
    again = installation.wait_for_the_end()
    assert installation.state() == once
    assert not any(key.endswith(".APPLIED") for key in again["counts"])
