"""Row 11: the pages of an account with a million targets, against the same pages with a thousand."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tests.bench.figures import Figure, Group
from tests.bench.ground import small_portal
from tests.bench.inside import said_by

MOST_SECONDS = 0.15


def measure(folder: Path) -> Iterator[Figure]:
    with small_portal(folder) as installation:
        installation.manage("collectstatic", "-v0", "--no-input")
        pages = said_by(installation, "measure_crowd")
    for name, (small, large) in pages.items():
        yield Figure(
            "11",
            f"{name}, p95 with 1,000,000 targets against 1,000",
            f"{1000 * large:.0f} ms, {large / small:.2f} ×",
            "≤ 150 ms, ≤ 2 ×",
            large <= MOST_SECONDS and large <= 2 * small,
            f"{1000 * large:.0f} ms, {1000 * small:.0f} ms",
        )


GROUP = Group(("11",), measure)
