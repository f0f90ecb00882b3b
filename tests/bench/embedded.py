"""Row 13: the embedded default, which is SQLite and a broker of files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tests.bench.figures import Figure, Group
from tests.bench.ground import Rehearsal, portal, sync
from tests.bench.people import PEOPLE, TEAMS, TEAMS_EACH


def measure(folder: Path) -> Iterator[Figure]:
    with (
        Rehearsal(PEOPLE, TEAMS, teams_each=TEAMS_EACH) as rehearsal,
        portal(folder, rehearsal, is_embedded=True) as installation,
    ):
        first, again = sync(installation), sync(installation)
    peak = max(first.peak_mb, again.peak_mb)
    yield Figure(
        "13",
        f"embedded (SQLite, no Redis): {PEOPLE:,} people for the first time, and unchanged",
        f"{first.seconds:.0f} s, {again.seconds:.0f} s; {peak:.0f} MB",
        "≤ 250 MB",
        peak <= 250,
        f"{first.peak_mb:.0f} MB, {again.peak_mb:.0f} MB",
    )


GROUP = Group(("13",), measure)
