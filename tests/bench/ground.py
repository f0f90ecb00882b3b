"""What every row stands on: a rehearsal Litmos and a Portal in processes of their own."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from unittest import mock

from tests.processes.installation import ROOT, Installation

UNLIMITED = "100000/60"
MOST_SECONDS = 3600


@dataclass(frozen=True, slots=True)
class Sync:
    run: dict
    seconds: float
    peak_mb: float


class Rehearsal:
    """The rehearsal Litmos in a process of its own; `api_key` is read from what it prints."""

    def __init__(self, people: int, teams: int, **more: object) -> None:
        options = {"users": people, "teams": teams, "courses": 50, "rate": "none", **more}
        words = [f"--{name.replace('_', '-')}={value}" for name, value in options.items()]
        self.process = subprocess.Popen(
            [sys.executable, "manage.py", "litmos_sandbox", "--port", "0", *words],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
            env=Installation.plain_environment(),
        )
        self.url = self._printed(r"(http://127\.0\.0\.1:\d+/v1\.svc)")
        self.api_key = self._printed(r"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})")

    def _printed(self, pattern: str) -> str:
        assert self.process.stdout
        for line in self.process.stdout:
            if match := re.search(pattern, line):
                return match[1]
        raise RuntimeError("the rehearsal Litmos did not start")

    def __enter__(self) -> Rehearsal:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        self.process.wait()


@contextmanager
def portal(
    folder: Path, rehearsal: Rehearsal, *, rate: str = UNLIMITED, is_embedded: bool = False
) -> Iterator[Installation]:
    """A new one, connected and not synced yet."""
    place = folder / f"portal-{time.monotonic_ns()}"
    place.mkdir()
    services = {"DATABASE_URL": "", "REDIS_URL": ""} if is_embedded else {}
    with mock.patch.dict(os.environ, services):
        installation = Installation(place, rehearsal, rehearsal.url)
    installation.environment |= {
        "LITMOS_RATE": rate,
        "MALLOC_ARENA_MAX": "2",
        "PORTAL_LEASE_SECONDS": "180",
        "PORTAL_TICK_SECONDS": "10",
    }
    try:
        installation.set_up()
        yield installation
    finally:
        installation.close()


@contextmanager
def small_portal(folder: Path) -> Iterator[Installation]:
    with Rehearsal(50, 2) as rehearsal, portal(folder, rehearsal) as installation:
        yield installation


def sync(installation: Installation) -> Sync:
    """By a worker that did nothing before. The scheduler finds the run should its message get lost."""
    worker, scheduler = installation.worker(), installation.beat()
    installation.sync()
    peak = _watched(installation, worker)
    (begun, ended), *_ = installation.query(
        "SELECT started_at, finished_at FROM integrations_syncrun ORDER BY id DESC LIMIT 1"
    )
    installation.kill(worker)
    installation.kill(scheduler)
    return Sync(installation.run(), (moment(ended) - moment(begun)).total_seconds(), peak)


def _watched(installation: Installation, worker: subprocess.Popen) -> float:
    """Looked at rarely: on few cores a closer look takes part in what is measured."""
    peak, deadline = 0.0, time.monotonic() + MOST_SECONDS
    while True:
        peak = max([peak, *(_peak_mb(pid) for pid in _family(worker.pid))])
        run = installation.run()
        if run["status"] not in ("QUEUED", "RUNNING") and run["is_told"]:
            break
        assert time.monotonic() < deadline, f"no end: {run}\n{installation.logs()}"
        time.sleep(0.25)
    assert run["status"] in ("SYNCED", "WARNINGS"), f"{run}\n{installation.logs()}"
    return peak


def moment(value: datetime | str) -> datetime:
    """SQLite keeps times as text."""
    return datetime.fromisoformat(value) if isinstance(value, str) else value


def _family(pid: int) -> list[int]:
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except FileNotFoundError:
        return []
    return [pid, *(member for child in children for member in _family(int(child)))]


def _peak_mb(pid: int) -> float:
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except FileNotFoundError:
        return 0.0
    found = re.search(r"VmHWM:\s+(\d+)", status)
    return int(found[1]) / 1024 if found else 0.0
