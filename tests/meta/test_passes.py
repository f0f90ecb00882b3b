"""What differs between the two set-ups is tested on both."""

import re

import pytest

from tests.meta.files import ROOT, tracked
from tests.passes import DIFFERS, SAMPLES, TESTS

#: How code asks which set-up it is on.
ASKS = re.compile(
    r"(connection|database)\.vendor|as_postgresql|import sqlite3|IS_EMBEDDED|REDIS_URL|sqlite:|filesystem\b"
)
PRODUCT = ["accounts", "groups", "integrations", "portal", "targets", "training", "webhooks"]


def test_all_code_that_asks_for_the_set_up_is_listed():
    asking = {
        str(path.relative_to(ROOT))
        for path in tracked(*(f"{app}/*.py" for app in PRODUCT))
        if ASKS.search(path.read_text())
    }
    assert asking - set(DIFFERS) == set()


def test_statements_for_one_database_alone_belong_to_listed_code():
    folders = {
        path.parent for path in tracked("*.sql") if path.parent.name in ("postgresql", "sqlite")
    }
    assert {str(folder.relative_to(ROOT)) for folder in folders} == {
        "integrations/sync/sql/postgresql",
        "integrations/sync/sql/sqlite",
    }


@pytest.mark.parametrize("path", [*DIFFERS, *(f"tests/{path}" for path in SAMPLES)])
def test_what_is_listed_is_there(path):
    assert (ROOT / path).exists()
    assert all((TESTS / test).exists() for test in DIFFERS.get(path, []))
