"""Rows 9 and 10: what the worker needs for more and more people, and a million of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tests.bench.figures import Figure, Group
from tests.bench.ground import Rehearsal, Sync, portal, sync
from tests.bench.people import PEOPLE, TEAMS, TEAMS_EACH, synced

SIZES = (20_000, 200_000, 1_000_000)


def measure(folder: Path) -> Iterator[Figure]:
    done = {size: _synced(folder, size) for size in SIZES}
    peaks = [done[size].peak_mb for size in SIZES]
    growth = peaks[-1] - peaks[0]
    yield Figure(
        "9",
        f"memory of the worker at {', '.join(f'{size:,}' for size in SIZES)} people",
        f"{max(peaks):.0f} MB, grows by {growth:.0f} MB",
        "≤ 200 MB, grows ≤ 30 MB",
        max(peaks) <= 200 and growth <= 30,
        ", ".join(f"{peak:.0f} MB" for peak in peaks),
    )
    usual = synced(folder)
    large, small = SIZES[-1] / done[SIZES[-1]].seconds, usual.targets / usual.first
    yield Figure(
        "10",
        f"first sync of {SIZES[-1]:,} people, limit off: people a second against {PEOPLE:,}",
        f"{large / small:.2f} ×",
        "completes, ≥ 0.7 ×",
        large >= 0.7 * small,
        f"{large:,.0f} a second ({done[SIZES[-1]].seconds:.0f} s), {small:,.0f} a second",
    )


def _synced(folder: Path, people: int) -> Sync:
    with (
        Rehearsal(people, TEAMS, teams_each=TEAMS_EACH) as rehearsal,
        portal(folder, rehearsal) as installation,
    ):
        return sync(installation)


GROUP = Group(("9", "10"), measure)
