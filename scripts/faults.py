"""Put the Portal through every fault there is a row for, and print what happened (`make faults`).

On SQLite always, on PostgreSQL and Redis where they answer. Ends with 1 when a row is not as expected
or when anybody was lost.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import textwrap
from dataclasses import dataclass
from xml.etree import ElementTree

from test import CHOOSES_SERVICES, find_database, find_redis

WIDTH = 60


@dataclass(frozen=True)
class Row:
    title: str
    happened: str
    lost: str
    is_expected: bool

    @property
    def is_good(self) -> bool:
        return self.is_expected and self.lost == "0"


def main() -> int:
    rows = {"SQLite": run({}, "not services")}
    database, redis_url = find_database(), find_redis()
    if database and redis_url:
        rows["PostgreSQL"] = run({"DATABASE_URL": database, "REDIS_URL": redis_url}, "")
    else:
        print("PostgreSQL or Redis does not answer: left out.")
    for name, found in rows.items():
        show(name, found)
    return 0 if all(found and all(row.is_good for row in found) for found in rows.values()) else 1


def run(services: dict[str, str], marks: str) -> list[Row]:
    kept = {key: value for key, value in os.environ.items() if key not in CHOOSES_SERVICES}
    with tempfile.NamedTemporaryFile() as told:
        command = [sys.executable, "-m", "pytest", "-q", "-n", "2", "-m", marks, "tests/faults"]
        command.append(f"--junit-xml={told.name}")
        subprocess.run(command, env=kept | services, check=False, stdout=subprocess.DEVNULL)
        cases = ElementTree.parse(told.name).iter("testcase")  # noqa: S314 - pytest wrote it just now
        return sorted(map(read, cases), key=lambda row: row.title)


def read(case: ElementTree.Element) -> Row:
    found = {each.get("name"): each.get("value") or "" for each in case.iter("property")}
    is_expected = case.find("failure") is None and case.find("error") is None
    return Row(
        found.get("row", case.get("name") or ""),
        found.get("happened", "went wrong before it came to that"),
        found.get("lost", "?"),
        is_expected,
    )


def show(name: str, rows: list[Row]) -> None:
    print(f"\n{name}: {len(rows)} rows\n")
    print(f"{'fault':<{WIDTH}}  as expected  people lost  what happened")
    for row in rows:
        first, *more = textwrap.wrap(row.happened, WIDTH)
        verdict = "yes" if row.is_expected else "NO"
        print(f"{row.title:<{WIDTH}}  {verdict:<11}  {row.lost:>11}  {first}")
        for line in more:
            print(f"{'':<{WIDTH}}  {'':<11}  {'':>11}  {line}")
    good = sum(row.is_good for row in rows)
    print(f"\n{name}: {good} of {len(rows)} as expected")


if __name__ == "__main__":
    sys.exit(main())
