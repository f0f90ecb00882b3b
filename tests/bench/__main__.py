"""`make bench`: the figures of one run on PostgreSQL and Redis, as ratios, into docs/benchmarks.md."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from tests.bench.figures import Figure, figures

REPORT = Path(__file__).resolve().parents[2] / "docs" / "benchmarks.md"
INTRODUCTION = """# Benchmarks

Written by `make bench`: one run on one machine, PostgreSQL and Redis, a real worker, the rehearsal
Litmos in a process of its own. Ratios are of two things measured in that same run.

"""


def main() -> int:
    os.environ.setdefault("DATABASE_URL", "postgres://postgres@127.0.0.1:5432/postgres")
    os.environ.setdefault("REDIS_URL", "redis://127.0.0.1:6379/0")
    found: list[Figure] = []
    with tempfile.TemporaryDirectory() as folder:
        for figure in figures(Path(folder)):
            print(figure.line(), flush=True)
            found.append(figure)
    table = ["| measured | figure | to reach | |", "|---|---|---|---|", *(f.line() for f in found)]
    REPORT.write_text(INTRODUCTION + "\n".join(table) + "\n")
    return 0 if all(figure.is_good for figure in found) else 1


if __name__ == "__main__":
    sys.exit(main())
