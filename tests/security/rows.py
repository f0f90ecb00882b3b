"""The security checklist, row by row: what must hold, and which tests hold it (`make security`).

A test named `test_row_07_…` belongs to row 7. `checklist.txt` has the rows, and below each the tests under
other names, and after “=” what of it does not apply here and why.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
NAMED = re.compile(r"^def (test_row_(\d\d)_\w+)", re.MULTILINE)


@dataclass(slots=True)
class Row:
    """`tests` are node ids below tests/; one without “::” is a whole file."""

    number: int
    what: str
    tests: list[str] = field(default_factory=list)
    left: str = ""


@cache
def rows() -> tuple[Row, ...]:
    found: list[Row] = []
    for line in (TESTS / "security/checklist.txt").read_text().splitlines():
        text = line.strip()
        if not line.startswith(" "):
            number, _, what = text.partition(" ")
            found.append(Row(int(number), what))
        elif text.startswith("="):
            found[-1].left = text.removeprefix("=").strip()
        else:
            found[-1].tests.append(text)
    by_number = {row.number: row for row in found}
    for number, test in _named():
        by_number[number].tests.append(test)
    return tuple(found)


def _named() -> list[tuple[int, str]]:
    return [
        (int(number), f"{path.relative_to(TESTS)}::{name}")
        for path in sorted(TESTS.rglob("test_*.py"))
        for name, number in NAMED.findall(path.read_text())
    ]
