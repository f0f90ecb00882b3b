"""Row 6: a whole first sync against writing its targets alone through Django."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tests.bench.figures import Figure, Group
from tests.bench.ground import Rehearsal, portal, sync
from tests.bench.inside import said_by
from tests.bench.people import PEOPLE, TEAMS, TEAMS_EACH, TIMES, synced


def measure(folder: Path) -> Iterator[Figure]:
    with (
        Rehearsal(PEOPLE, TEAMS, teams_each=TEAMS_EACH) as rehearsal,
        portal(folder, rehearsal) as installation,
    ):
        sync(installation)
        found = said_by(installation, "measure_orm")
    ours = synced(folder).first
    for name, seconds, least in (
        ("`update_or_create` for each (2,000, times 50)", found["single"] * found["people"], 25),
        (f"`bulk_create(update_conflicts=True)` (median of {TIMES})", found["bulk"], 1.2),
    ):
        yield Figure(
            "6",
            f"first sync of {PEOPLE:,} people, with teams and log, against {name} of the targets alone",
            f"{seconds / ours:.1f} × faster",
            f"≥ {least} ×",
            seconds >= least * ours,
            f"{ours:.1f} s, {seconds:.1f} s",
        )


GROUP = Group(("6",), measure)
