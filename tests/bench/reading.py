"""Rows 1 to 3: how many calls a complete read and a night of changes take, and how long slow pages take at
the limit's own pace."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

from tests.bench.figures import Figure, Group
from tests.bench.ground import Rehearsal, portal, small_portal, sync
from tests.bench.inside import said_by
from tests.processes.installation import Installation

#: Not a multiple of a hundred teams, nor of a thousand people: to be sure that such a list ends costs one
#: call more.
PEOPLE, TEAMS = 10_050, 289
SECONDS_A_PAGE = 2


def measure_calls(folder: Path) -> Iterator[Figure]:
    with Rehearsal(PEOPLE, TEAMS) as rehearsal, portal(folder, rehearsal) as installation:
        calls, bound = sync(installation).run["calls"], _bound(installation)
    yield Figure(
        "1",
        f"calls of a complete read, {PEOPLE:,} people in {TEAMS} teams",
        f"bound + {calls - bound}",
        "≤ bound + 2",
        calls <= bound + 2,
        f"{calls} calls, bound {bound}",
    )


def measure_nights(folder: Path) -> Iterator[Figure]:
    with small_portal(folder) as installation:
        found = said_by(installation, "measure_nights")
    complete, night = found["complete"], found["night"]
    yield Figure(
        "2",
        "calls of a night of changes, 100,000 people in 2,000 teams, 1 % changed, against the complete read",
        f"1/{complete['calls'] / night['calls']:.0f}",
        "≤ 1/100, and a complete read finds nothing left to do",
        night["way"] == "CHANGES"
        and 100 * night["calls"] <= complete["calls"]
        and not found["after"]["changes"],
        f"{night['calls']} calls ({night['changes']:,} changes), {complete['calls']:,}",
    )


def measure_pace(folder: Path) -> Iterator[Figure]:
    """The rate is Litmos's own: 100 calls in any 60 seconds."""
    with (
        Rehearsal(PEOPLE, TEAMS, rate="100/60", latency=SECONDS_A_PAGE) as rehearsal,
        portal(folder, rehearsal, rate="100/60") as installation,
    ):
        done = sync(installation)
    floor = 60 * ((done.run["calls"] - 1) // 100)
    yield Figure(
        "3",
        f"wall clock with the limit on and {SECONDS_A_PAGE} s a page, against the limit's own bound",
        f"{done.seconds / floor:.3f}",
        "≤ 1.05",
        done.seconds <= 1.05 * floor,
        f"{done.seconds:.1f} s for {done.run['calls']} calls, {floor} s",
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


GROUPS = (
    Group(("1",), measure_calls),
    Group(("2",), measure_nights),
    Group(("3",), measure_pace),
)
