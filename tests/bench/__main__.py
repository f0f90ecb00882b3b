"""`make bench`: figures of PostgreSQL and Redis, as ratios, into docs/benchmarks.md. `ROWS=4,5,8` measures
only those and leaves the file alone."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Iterator
from pathlib import Path

from tests.bench import (
    accounts,
    crowd,
    dlt_load,
    embedded,
    inside,
    orm,
    people,
    reading,
    sizes,
)
from tests.bench.figures import Figure, Group, table

REPORT = Path(__file__).resolve().parents[2] / "docs" / "benchmarks.md"
INTRODUCTION = """# Benchmarks

Written by `make bench`: one run on one machine, PostgreSQL and Redis, a real worker, the rehearsal
Litmos in a process of its own. Ratios are of two things measured in that same run, medians of three
where the table says so.

"""
GROUPS: tuple[Group, ...] = (
    *inside.GROUPS,
    *reading.GROUPS,
    people.GROUP,
    orm.GROUP,
    dlt_load.GROUP,
    sizes.GROUP,
    crowd.GROUP,
    accounts.GROUP,
    embedded.GROUP,
)


def main() -> int:
    os.environ.setdefault("DATABASE_URL", "postgres://postgres@127.0.0.1:5432/postgres")
    os.environ.setdefault("REDIS_URL", "redis://127.0.0.1:6379/0")
    wanted = [row for row in os.environ.get("ROWS", "").split(",") if row]
    unknown = set(wanted) - {row for group in GROUPS for row in group.rows}
    if unknown:
        print(f"No such rows: {', '.join(sorted(unknown))}", file=sys.stderr)
        return 2
    found: list[Figure] = []
    with tempfile.TemporaryDirectory() as folder:
        for group in GROUPS:
            if not wanted or set(wanted) & set(group.rows):
                found += _shown(group, Path(folder))
    if not wanted:
        REPORT.write_text(f"{INTRODUCTION}{table(found)}\n")
    return 0 if all(figure.is_good for figure in found) else 1


def _shown(group: Group, folder: Path) -> list[Figure]:
    found = []
    for figure in _measured(group, folder):
        print(figure.line(), flush=True)
        found.append(figure)
    return found


def _measured(group: Group, folder: Path) -> Iterator[Figure]:
    """What can't be measured does not keep the rows after it from being."""
    try:
        yield from group.measure(folder)
    except (AssertionError, OSError, subprocess.SubprocessError):
        traceback.print_exc()
        row = group.rows[0]
        yield Figure(row, "not measured", "see the output", "", is_good=False)


if __name__ == "__main__":
    sys.exit(main())
