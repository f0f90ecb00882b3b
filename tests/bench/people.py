"""Rows 4, 5 and 8: 100,000 people in three teams each, synced for the first time and again."""

from __future__ import annotations

import io
import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import psycopg

from tests.bench.figures import Figure, Group
from tests.bench.ground import Rehearsal, portal, sync
from tests.processes.installation import Installation

PEOPLE, TEAMS, TEAMS_EACH, TIMES = 100_000, 200, 3, 3
TABLES = (
    "targets_target",
    "integrations_targetlink",
    "targets_groupmembership",
    "groups_group",
    "integrations_grouplink",
)
#: The run's own time in rows that it has read.
NOTED = {"groups_group": "last_synced_at", "integrations_grouplink": "compared_at"}


@dataclass(frozen=True, slots=True)
class Syncs:
    """Medians. `written` are rows that the second sync wrote beside its own run's."""

    targets: int
    memberships: int
    first: float
    again: float
    copy: float
    written: int


def measure(folder: Path) -> Iterator[Figure]:
    done = synced(folder)
    rate, ratio = done.targets / done.first, done.first / done.copy
    what = f"{PEOPLE:,} people in {done.memberships / done.targets:.1f} teams each, limit off"
    yield Figure(
        "4",
        f"first sync of {what} (median of {TIMES})",
        f"{rate:,.0f} people a second",
        "≥ 8,000",
        rate >= 8000,
        f"{done.targets:,} targets, {done.first:.1f} s",
    )
    yield Figure(
        "5",
        "the same against COPY of the targets into a table with the same indexes",
        f"{ratio:.1f} ×",
        "≤ 12 ×",
        ratio <= 12,
        f"{done.first:.1f} s, {done.copy:.2f} s",
    )
    yield Figure(
        "8",
        "second sync without changes, against the first",
        f"{done.again / done.first:.2f}, {done.written} rows written",
        "≤ 0.3, none of targets, links, memberships and groups",
        done.again <= 0.3 * done.first and done.written == 0,
        f"{done.again:.1f} s, {done.first:.1f} s",
    )


@cache
def synced(folder: Path) -> Syncs:
    """Measured once for all rows that compare with it."""
    with Rehearsal(PEOPLE, TEAMS, teams_each=TEAMS_EACH) as rehearsal:
        found = [_synced(folder, rehearsal) for _ in range(TIMES)]
    return Syncs(
        targets=found[0].targets,
        memberships=found[0].memberships,
        first=statistics.median(one.first for one in found),
        again=statistics.median(one.again for one in found),
        copy=statistics.median(one.copy for one in found),
        written=sum(one.written for one in found),
    )


def _synced(folder: Path, rehearsal: Rehearsal) -> Syncs:
    with portal(folder, rehearsal) as installation:
        first = sync(installation)
        _remember_versions(installation)
        again = sync(installation)
        return Syncs(
            targets=_count(installation, "targets_target"),
            memberships=_count(installation, "targets_groupmembership"),
            first=first.seconds,
            again=again.seconds,
            copy=_copy_seconds(installation),
            written=sum(_rewritten(installation, table) for table in TABLES),
        )


def _count(installation: Installation, table: str) -> int:
    return installation.query(f"SELECT count(*) FROM {table}")[0][0]  # noqa: S608 one of ours


def _remember_versions(installation: Installation) -> None:
    """By PostgreSQL's own mark of the transaction that wrote each row last; of groups and their links by
    what they say, as each sync notes its time in those it has read."""
    for table in TABLES:
        installation.execute(f"CREATE TABLE seen_{table} AS {_versions(table)}")


def _versions(table: str) -> str:
    mark = "xmin::text" if table not in NOTED else f"(to_jsonb({table}) - '{NOTED[table]}')::text"
    return f"SELECT id, {mark} AS mark FROM {table}"  # noqa: S608 one of ours


def _rewritten(installation: Installation, table: str) -> int:
    (number,), *_ = installation.query(
        f"SELECT count(*) FROM ({_versions(table)}) now FULL JOIN seen_{table} seen USING (id)"  # noqa: S608
        " WHERE now.mark IS DISTINCT FROM seen.mark"
    )
    return number


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


GROUP = Group(("4", "5", "8"), measure)
