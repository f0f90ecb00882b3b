"""Rows that a Portal measures within itself (`manage.py shell`): the pages of large runs, failing actions
through the API, and the calls that a wave takes."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.bench.figures import Figure, Group
from tests.bench.ground import small_portal, sync
from tests.processes.installation import Installation


def said_by(installation: Installation, module: str) -> Any:
    """What `measure()` of a module of this folder prints last, as one line of JSON."""
    code = f"from tests.bench.{module} import measure; measure()"
    said = installation.manage("shell", "-v0", "-c", code).stdout
    return json.loads(said.strip().splitlines()[-1])


def _pages(folder: Path) -> Iterator[Figure]:
    with small_portal(folder) as installation:
        installation.manage("collectstatic", "-v0", "--no-input")
        found = said_by(installation, "measure_pages")
    for name in ("log", "preview"):
        page = found[name]
        ratio = page["large"] / page["small"]
        yield Figure(
            "pages",
            f"{name} of a run with 100,000 changes, against one with 100",
            f"{page['queries']} queries, {ratio:.2f} × the time",
            "≤ 12 queries, < 1.5 ×",
            page["queries"] <= 12 and ratio < 1.5,
            f"{1000 * page['large']:.0f} ms, {1000 * page['small']:.0f} ms",
        )
    done = found["approval"]
    yield Figure(
        "pages",
        f"approving {done['number']:,} held changes",
        f"{done['queries']} statements in {done['seconds']:.1f} s",
        "one transaction, set-based (≤ 100 statements)",
        done["number"] == 10_000 and done["queries"] <= 100,
    )


def _actions(folder: Path) -> Iterator[Figure]:
    with small_portal(folder) as installation:
        sync(installation)
        found = said_by(installation, "measure_actions")
    rate = 10_000 / found["seconds"]
    few, many = found["queries"]
    yield Figure(
        "actions",
        "10,000 failing actions through the API, each enrolled and told in its timeline",
        f"{rate:,.0f} a second in one process, {many} queries for 1,000 and {few} for 100",
        "≥ 2,000 a second, queries of a batch don't grow",
        found["enrolled"] == 10_000 and rate >= 2000 and many <= few + 2,
        f"10,000 in {found['seconds']:.1f} s",
    )


def _waves(folder: Path) -> Iterator[Figure]:
    """The bound: one call a person and one to read 25 back, or one import for each 2,000 and a page for
    each 1,000 of the course's list, whichever is fewer."""
    with small_portal(folder) as installation:
        waves = said_by(installation, "measure_waves")
    for wave in waves:
        size, calls = wave["size"], wave["calls"]
        singly = size + math.ceil(size / 25)
        bound = min(singly, math.ceil(size / 2000) + math.ceil(size / 1000))
        limit = singly if size < 250 else 2 * bound + 5
        yield Figure(
            "waves",
            f"calls to enrol a wave of {size:,}, each read back",
            f"{calls} in {wave['seconds']:.1f} s, limit off",
            f"≤ {limit}",
            calls <= limit and wave["assigned"] == size,
            f"{calls} calls, bound {bound}",
        )


GROUPS = (
    Group(("pages",), _pages),
    Group(("actions",), _actions),
    Group(("waves",), _waves),
)
