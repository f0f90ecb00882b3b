"""The list of `scripts/mutations.py` fits the code as it is."""

import pytest

from tests.meta.files import ROOT
from tests.mutations import MUTATIONS

FEWEST = 44
SETUPS = {"services", "embedded"}
#: Area → how many there are at least.
AREAS = {
    "guard": 5,
    "planner": 6,
    "fence": 4,
    "permissions": 5,
    "escaping": 3,
    "budget": 5,
    "sql-postgresql": 4,
    "sql-sqlite": 4,
    "webhook-signature": 3,
    "migrations": 4,
}


def test_there_are_enough_and_each_has_a_name_of_its_own():
    assert len({one.name for one in MUTATIONS}) == len(MUTATIONS) >= FEWEST
    counted = {area: sum(one.area == area for one in MUTATIONS) for area in AREAS}
    assert {area: counted[area] for area in AREAS if counted[area] < AREAS[area]} == {}


@pytest.mark.parametrize("mutation", MUTATIONS, ids=[one.name for one in MUTATIONS])
def test_each_fits_the_code(mutation):
    text = (ROOT / mutation.file).read_text(encoding="utf-8")
    assert text.count(mutation.old) == 1
    assert mutation.new != mutation.old
    assert mutation.setup in SETUPS
    assert mutation.what.endswith(".")
    assert "|" not in mutation.what
    assert mutation.tests
    assert [test for test in mutation.tests if not (ROOT / test).exists()] == []
    assert not mutation.file.startswith("tests/")
