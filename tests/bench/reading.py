"""Row 1: how many calls a complete read takes, and how long at the limit's own pace."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

from tests.bench.figures import Figure, Group
from tests.bench.ground import Rehearsal, portal, sync
from tests.processes.installation import Installation

PEOPLE, TEAMS = 10_000, 200


def measure(folder: Path) -> Iterator[Figure]:
    """The rate is Litmos's own: 100 calls in any 60 seconds."""
    with (
        Rehearsal(PEOPLE, TEAMS, rate="100/60") as rehearsal,
        portal(folder, rehearsal, rate="100/60") as installation,
    ):
        done = sync(installation)
        calls, bound = done.run["calls"], _bound(installation)
    yield Figure(
        "1",
        f"calls of a complete read, {PEOPLE:,} people in {TEAMS} teams",
        f"{calls} (bound {bound})",
        "≤ bound + 3",
        calls <= bound + 3,
        f"{calls} calls, {bound}",
    )
    floor = 60 * ((calls - 1) // 100)
    yield Figure(
        "1",
        "wall clock at the limit's pace, against its own bound",
        f"{done.seconds / floor:.2f}",
        "≤ 1.10",
        done.seconds <= 1.10 * floor,
        f"{done.seconds:.1f} s, {floor} s",
    )


def _bound(installation: Installation) -> int:
    """ceil(people/1000) + ceil(teams/1000) + Σ max(1, ceil(members/1000)) + ceil(courses/1000): that a
    team is empty is only known after asking."""
    teams = installation.query("SELECT count(*) FROM integrations_grouplink")[0][0]
    sizes = installation.query(
        "SELECT greatest(1, count(m.id)) FROM groups_group g"
        " LEFT JOIN targets_groupmembership m ON m.group_id = g.id GROUP BY g.id"
    )
    courses = installation.query("SELECT count(*) FROM integrations_course")[0][0]
    pages = [PEOPLE, teams, courses, *(size for (size,) in sizes)]
    return sum(math.ceil(size / 1000) for size in pages)


GROUP = Group(("1",), measure)
