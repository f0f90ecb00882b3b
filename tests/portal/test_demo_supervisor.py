"""Real processes: what the demo starts ends with it, however it ends."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from portal.demo.supervisor import Broken, Ended, Supervisor

pytestmark = pytest.mark.processes
ROOT = Path(__file__).resolve().parents[2]
SLEEPER = ["-c", "import time; time.sleep(300)"]
STUBBORN = [
    "-c",
    "import signal, subprocess, sys, time\n"
    "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
    "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(300)'])\n"
    "time.sleep(300)",
]
DEMO = """
import os, sys
from pathlib import Path
from portal.demo.supervisor import Supervisor
with Supervisor(environment=os.environ, logs=Path(sys.argv[1]), root=Path.cwd()) as house:
    house.start("sleeper", ["-c", "import time; time.sleep(300)"])
    print(house._servers["sleeper"].pid, flush=True)
    while True:
        house.pause()
"""


@pytest.fixture
def signals():
    kept = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    kept[signal.SIGHUP] = signal.getsignal(signal.SIGHUP)
    yield
    for number, handler in kept.items():
        signal.signal(number, handler)


@pytest.fixture
def house(tmp_path, signals):
    return Supervisor(environment=os.environ, logs=tmp_path, root=ROOT)


def group_is_left(group: int) -> bool:
    """Zombies don't count: whoever adopts them buries them."""
    listed = subprocess.run(
        ["ps", "-o", "stat=", "-g", str(group)], capture_output=True, text=True, check=False
    )
    return any(not state.startswith("Z") for state in listed.stdout.split())


def test_a_task_gets_what_was_typed_and_gives_what_it_wrote(house):
    with house:
        written = house.run("echo", ["-c", "print(input().upper())"], typed="hello\n")
    assert written == "HELLO\n"


def test_a_failing_task_shows_the_end_of_its_log(house):
    with house, pytest.raises(Broken, match="task failed with 3") as raised:
        house.run("task", ["-c", "import sys; print('why', file=sys.stderr); sys.exit(3)"])
    assert raised.value.log == "why"


def test_a_server_that_dies_is_named_and_the_others_end(house):
    with house:
        house.start("good", SLEEPER)
        house.start("bad", ["-c", "raise SystemExit('out of luck')"])
        with pytest.raises(Broken, match="bad ended unexpectedly with 1") as raised:
            while True:
                house.pause()
        group = house._servers["good"].pid
    assert raised.value.log == "out of luck"
    assert not group_is_left(group)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_everything(house, number):
    with house:
        house.start("sleeper", SLEEPER)
        group = house._servers["sleeper"].pid
        os.kill(os.getpid(), number)
        with pytest.raises(Ended):
            house.pause()
    assert not group_is_left(group)


def test_who_ignores_the_request_to_end_is_killed_with_its_children(house, monkeypatch):
    monkeypatch.setattr("portal.demo.supervisor.GRACE_SECONDS", 0.5)
    with house:
        house.start("stubborn", STUBBORN)
        group = house._servers["stubborn"].pid
        house.pause(1)
    assert not group_is_left(group)


def test_a_killed_demo_leaves_nothing_running(tmp_path):
    demo = subprocess.Popen(
        [sys.executable, "-c", DEMO, str(tmp_path)],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "PORTAL_MODE": "embedded", "PORTAL_VAR": str(tmp_path)},
        stdout=subprocess.PIPE,
        text=True,
    )
    group = int(demo.stdout.readline())
    assert group_is_left(group)
    demo.kill()
    demo.wait()
    while group_is_left(group):
        time.sleep(0.05)
