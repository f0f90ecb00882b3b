"""Which tests run where.

`make test` runs each test once on PostgreSQL and Redis, which production uses. A test file runs once more on
the embedded set-up (SQLite; broker and budget of files) if it is about code that does something else there.
`DIFFERS` lists that code, and tests/meta/test_passes.py finds code that is missing from it. `make test-all`
runs every test on both.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

TESTS = Path(__file__).resolve().parent
#: What a sync reads into staging and writes to targets, put down after each page and claimed again.
WRITTEN = [
    f"integrations/sync/test_{name}.py"
    for name in ("first_sync", "leavers", "members", "matching", "changes", "deciding")
]
#: Code that asks which set-up it is on, and the tests that are about it.
DIFFERS = {
    "accounts/search_index.py": ["accounts/test_search_index.py"],
    "integrations/budget.py": ["integrations/litmos/test_budget.py"],
    "integrations/migrations/0016_analyze_by_its_owner.py": ["processes/test_least_rights.py"],
    "integrations/migrations/0017_analyze_skips_locked.py": ["processes/test_least_rights.py"],
    "integrations/sync/among.py": ["integrations/sync/test_among.py", *WRITTEN],
    "integrations/sync/journal.py": ["integrations/sync/test_lease.py", "processes/"],
    "integrations/sync/marks.py": ["integrations/sync/test_marks.py"],
    "integrations/sync/statistics.py": WRITTEN,
    "integrations/sync/store.py": [*WRITTEN, "faults/test_portal.py"],
    "portal/demo/place.py": ["portal/test_demo_place.py", "portal/test_demo_supervisor.py"],
    "portal/embedded.py": ["processes/", "faults/test_worker.py"],
    "portal/health.py": ["portal/test_health.py"],
    "portal/settings.py": ["processes/", "portal/test_health.py"],
    "targets/nested_loops.py": ["integrations/sync/test_marks.py"],
}
#: They go through all of it with random data.
SAMPLES = ["soak/", "training/histories/", "integrations/sync/test_histories.py"]
BOTH = tuple(str(TESTS / path) for path in {*sum(DIFFERS.values(), []), *SAMPLES})

#: What takes long begins first, so that no worker is left with it at the end.
LONGEST = ("browser/", "soak/", "processes/", "training/histories/", "integrations/sync/")


def mark(items: list[pytest.Item]) -> None:
    for item in items:
        if str(item.path).startswith(BOTH):
            item.add_marker("differs")


class Scheduling(LoadScopeScheduling):
    """Any worker takes the next test; those of the browser stay on one, with one Portal and one browser."""

    def _split_scope(self, nodeid: str) -> str:
        return "browser" if nodeid.startswith("tests/browser/") else nodeid


def needs_services(item: pytest.Item) -> bool:
    return item.get_closest_marker("services") is not None


def order(item: pytest.Item) -> int:
    """For a stable sort."""
    path = str(item.path.relative_to(TESTS))
    places = [place for place, folder in enumerate(LONGEST) if path.startswith(folder)]
    return places[0] if places else len(LONGEST)


def spread(values: Iterable[Any]) -> list[Any]:
    """For `parametrize`: in `make test` one on PostgreSQL and Redis, the next on the embedded set-up and
    so on; in `make test-all` each on both."""
    marks = (pytest.mark.on_services, pytest.mark.on_embedded)
    return [_param(value, marks[place % 2]) for place, value in enumerate(values)]


def thorough(values: Iterable[Any]) -> list[Any]:
    """For `parametrize`: in `make test-all` alone."""
    return [_param(value, pytest.mark.thorough) for value in values]


def _param(value: Any, mark: Any) -> Any:
    values = value if isinstance(value, tuple) else (value,)
    return pytest.param(*values, marks=mark)
