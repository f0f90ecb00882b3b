"""Run the tests of the security checklist and print it row by row (`make security`).

Ends with 1 when a row has a test that fails. Tests of the browser need Chromium; where there is none, their
rows say so.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import textwrap
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree

from test import CHOOSES_SERVICES, find_browser, find_database, find_redis

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
WIDTH = 100
Found = dict[str, Counter[str]]


def main() -> int:
    from tests.security.rows import rows

    found_rows = rows()
    found = run(sorted({f"tests/{test}" for row in found_rows for test in row.tests}))
    is_good = True
    for row in found_rows:
        states = [state_of(test, found) for test in row.tests]
        is_good &= "FAILED" not in states
        show(row, states)
    print(
        f"\n{len(found_rows)} rows, {sum(1 for row in found_rows if row.tests)} of them held by tests."
    )
    return 0 if is_good else 1


def run(tests: list[str]) -> Found:
    """How many cases of each test passed, failed, or were left out."""
    kept = {key: value for key, value in os.environ.items() if key not in CHOOSES_SERVICES}
    kept["CHROMIUM"] = find_browser() or ""
    database, redis_url = find_database(), find_redis()
    if database and redis_url:
        kept |= {"DATABASE_URL": database, "REDIS_URL": redis_url}
    found: Found = {}
    with tempfile.NamedTemporaryFile() as told:
        command = [sys.executable, "-m", "pytest", "-q", "-n", "2", f"--junit-xml={told.name}"]
        subprocess.run([*command, *tests], cwd=ROOT, env=kept, check=False, stdout=sys.stderr)
        for case in ElementTree.parse(told.name).iter("testcase"):  # noqa: S314 - pytest wrote it just now
            file = (case.get("classname") or "").removeprefix("tests.").replace(".", "/") + ".py"
            name = f"{file}::{(case.get('name') or '').partition('[')[0]}"
            found.setdefault(name, Counter())[outcome(case)] += 1
    return found


def outcome(case: ElementTree.Element) -> str:
    if case.find("failure") is not None or case.find("error") is not None:
        return "FAILED"
    return "left out" if case.find("skipped") is not None else "ok"


def state_of(test: str, found: Found) -> str:
    cases: Counter[str] = Counter()
    for name, counted in found.items():
        if name == test or name.partition("::")[0] == test:
            cases += counted
    for state in ("FAILED", "ok"):
        if cases[state]:
            return state
    return "not run here"


def show(row, states: list[str]) -> None:
    print(f"\n{row.number:2}  {row.what}")
    for test, state in zip(row.tests, states, strict=True):
        print(f"      {state:12} {test}")
    for line in textwrap.wrap(row.left, WIDTH):
        print(f"      {line}")


if __name__ == "__main__":
    sys.exit(main())
