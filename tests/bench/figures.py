from __future__ import annotations

import statistics
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

HEAD = ("| row | measured | figure | to reach | | behind it |", "|---|---|---|---|---|---|")


@dataclass(frozen=True, slots=True)
class Figure:
    """`behind` are the two things whose ratio it is, as they were measured."""

    row: str
    name: str
    value: str
    limit: str
    is_good: bool
    behind: str = ""

    def line(self) -> str:
        verdict = "ok" if self.is_good else "MISSED"
        cells = (self.row, self.name, self.value, self.limit, verdict, self.behind)
        return f"| {' | '.join(cells)} |"


@dataclass(frozen=True, slots=True)
class Group:
    """Rows that are measured together."""

    rows: tuple[str, ...]
    measure: Callable[[Path], Iterator[Figure]]


def median_of(times: int, measure: Callable[[], float]) -> float:
    return statistics.median(measure() for _ in range(times))


def table(found: Sequence[Figure]) -> str:
    return "\n".join([*HEAD, *(figure.line() for figure in found)])
