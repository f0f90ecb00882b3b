from __future__ import annotations

import io
import json
import math
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from tests.processes.installation import ROOT, Installation


@dataclass(frozen=True)
class Figure:
    name: str
    value: str
    limit: str
    is_good: bool

    def line(self) -> str:
        return (
            f"| {self.name} | {self.value} | {self.limit} | {'ok' if self.is_good else 'MISSED'} |"
        )


@dataclass(frozen=True)
class Sync:
    run: dict
    seconds: float
    peak_mb: float


class Rehearsal:
    """The rehearsal Litmos in a process of its own; `api_key` is read from what it prints."""

    def __init__(self, *words: str) -> None:
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

    def close(self) -> None:
        self.process.terminate()
        self.process.wait()


@contextmanager
def portal(folder: Path, people: int, teams: int, rate: str, **more: str) -> Iterator[Installation]:
    words = ["--users", str(people), "--teams", str(teams), "--courses", "50"]
    words += ["--rate", "none" if rate == "100000/60" else rate]
    place = folder / f"{people}-{teams}-{time.monotonic_ns()}"
    place.mkdir()
    rehearsal = Rehearsal(*words, *[f"--{key}={value}" for key, value in more.items()])
    installation = Installation(place, rehearsal, rehearsal.url)
    installation.environment |= {"LITMOS_RATE": rate, "PORTAL_LEASE_SECONDS": "180"}
    try:
        installation.set_up()
        yield installation
    finally:
        installation.close()
        rehearsal.close()


def sync(installation: Installation) -> Sync:
    worker = installation.worker()
    begin = time.monotonic()
    installation.sync()
    installation.wait_for_the_end(seconds=900)
    rows = installation.query(
        "SELECT extract(epoch FROM finished_at - started_at) FROM integrations_syncrun"
        " ORDER BY id DESC LIMIT 1"
    )
    peak = max(_peak_mb(pid) for pid in _family(worker.pid))
    installation.kill(worker)
    assert time.monotonic() > begin
    return Sync(installation.run(), float(rows[0][0]), peak)


def _family(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(member for child in children for member in _family(int(child)))]


def _peak_mb(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"VmHWM:\s+(\d+)", status)[1]) / 1024


def figures(folder: Path) -> Iterator[Figure]:
    yield from _pages(folder)
    yield from _actions(folder)
    yield from _waves(folder)
    yield from _calls_and_pace(folder)
    small = yield from _throughput(folder, 20_000)
    large = yield from _throughput(folder, 100_000)
    huge = yield from _throughput(folder, 200_000)
    growth = huge - small
    yield Figure(
        "memory of the worker, 20,000 → 200,000 people",
        f"{small:.0f} → {huge:.0f} MB (100,000: {large:.0f} MB)",
        "grows ≤ 30 MB",
        growth <= 30,
    )


def _pages(folder: Path) -> Iterator[Figure]:
    with portal(folder, 50, 2, "100000/60") as installation:
        installation.manage("collectstatic", "-v0", "--no-input")
        said = installation.manage("shell", "-v0", "-c", MEASURE_PAGES).stdout
    found = json.loads(said.strip().splitlines()[-1])
    for name in ("log", "preview"):
        page = found[name]
        ratio = page["large"] / page["small"]
        yield Figure(
            f"{name} of a run with 100,000 changes, against one with 100",
            f"{page['queries']} queries, {ratio:.2f} × the time",
            "≤ 12 queries, < 1.5 ×",
            page["queries"] <= 12 and ratio < 1.5,
        )
    done = found["approval"]
    yield Figure(
        f"approving {done['number']:,} held changes",
        f"{done['queries']} statements in {done['seconds']:.1f} s",
        "one transaction, set-based (≤ 100 statements)",
        done["number"] == 10_000 and done["queries"] <= 100,
    )


def _actions(folder: Path) -> Iterator[Figure]:
    with portal(folder, 50, 2, "100000/60") as installation:
        sync(installation)
        said = installation.manage("shell", "-v0", "-c", MEASURE_ACTIONS).stdout
    found = json.loads(said.strip().splitlines()[-1])
    rate = 10_000 / found["seconds"]
    few, many = found["queries"]
    yield Figure(
        "10,000 failing actions through the API, each enrolled and told in its timeline",
        f"{rate:,.0f} a second in one process, {many} queries for 1,000 and {few} for 100",
        "≥ 2,000 a second, queries of a batch don't grow",
        found["enrolled"] == 10_000 and rate >= 2000 and many <= few + 2,
    )


def _waves(folder: Path) -> Iterator[Figure]:
    """The bound: one call a person and one to read 25 back, or one import for each 2,000 and a page for
    each 1,000 of the course's list, whichever is fewer."""
    with portal(folder, 50, 2, "100000/60") as installation:
        said = installation.manage("shell", "-v0", "-c", MEASURE_WAVES).stdout
    for wave in json.loads(said.strip().splitlines()[-1]):
        size, calls = wave["size"], wave["calls"]
        singly = size + math.ceil(size / 25)
        bound = min(singly, math.ceil(size / 2000) + math.ceil(size / 1000))
        limit = singly if size < 250 else 2 * bound + 5
        yield Figure(
            f"calls to enrol a wave of {size:,}, each read back",
            f"{calls} (bound {bound}) in {wave['seconds']:.1f} s, limit off",
            f"≤ {limit}",
            calls <= limit and wave["assigned"] == size,
        )


MEASURE_WAVES = "from tests.bench.waves import measure; measure()"
MEASURE_ACTIONS = "from tests.bench.actions import measure; measure()"
MEASURE_PAGES = "from tests.bench.pages import measure; measure()"


def _bound(installation: Installation) -> int:
    """ceil(people/1000) + ceil(teams/1000) + Σ max(1, ceil(members/1000)) + ceil(courses/1000): that a
    team is empty is only known after asking."""
    people = installation.people_at_litmos
    teams = installation.query("SELECT count(*) FROM integrations_grouplink")[0][0]
    sizes = installation.query(
        "SELECT greatest(1, count(m.id)) FROM groups_group g"
        " LEFT JOIN targets_groupmembership m ON m.group_id = g.id GROUP BY g.id"
    )
    courses = installation.query("SELECT count(*) FROM integrations_course")[0][0]
    pages = [people, teams, courses, *(size for (size,) in sizes)]
    return sum(math.ceil(size / 1000) for size in pages)


def _calls_and_pace(folder: Path) -> Iterator[Figure]:
    """The rate is Litmos's own: 100 calls in any 60 seconds."""
    with portal(folder, 10_000, 200, "100/60") as installation:
        installation.people_at_litmos = 10_000
        done = sync(installation)
        calls, bound = done.run["calls"], _bound(installation)
        yield Figure(
            "calls of a complete read, 10,000 people in 200 teams",
            f"{calls} (bound {bound})",
            "≤ bound + 3",
            calls <= bound + 3,
        )
        floor = 60 * ((calls - 1) // 100)
        yield Figure(
            "wall clock at the limit's pace, against its own bound",
            f"{done.seconds:.1f} s / {floor} s = {done.seconds / floor:.2f}",
            "≤ 1.10",
            done.seconds <= 1.10 * floor,
        )


def _throughput(folder: Path, people: int):
    with portal(folder, people, 200, "100000/60") as installation:
        first = sync(installation)
        before = _versions(installation)
        again = sync(installation)
        rows = installation.query("SELECT count(*) FROM targets_target")[0][0]
        copied = _copy_seconds(installation)
        yield Figure(
            f"{people:,} people, limit off, first sync",
            f"{rows / first.seconds:,.0f} people a second, {first.seconds / copied:.0f} × COPY",
            "reported",
            first.run["status"] != "FAILED",
        )
        yield Figure(
            f"{people:,} people, second sync without changes",
            f"{again.seconds / first.seconds:.2f} of the first,"
            f" {_rewritten(before, _versions(installation))} target rows written",
            "no target row written",
            before == _versions(installation),
        )
    return max(first.peak_mb, again.peak_mb)


def _versions(installation: Installation) -> list[tuple]:
    """PostgreSQL's own mark of the transaction that wrote each row last."""
    return installation.query("SELECT id, xmin::text FROM targets_target ORDER BY id")


def _rewritten(before: list[tuple], after: list[tuple]) -> int:
    return len(set(after) - set(before))


def _copy_seconds(installation: Installation) -> float:
    with psycopg.connect(installation.database, autocommit=True) as connection:
        connection.execute("CREATE TABLE copied (LIKE targets_target INCLUDING ALL)")
        out = io.BytesIO()
        with connection.cursor().copy("COPY targets_target TO STDOUT") as copy:
            for part in copy:
                out.write(part)
        begin = time.monotonic()
        with connection.cursor().copy("COPY copied FROM STDIN") as copy:
            copy.write(out.getvalue())
        return time.monotonic() - begin
