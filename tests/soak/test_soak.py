"""6 sequences for every test run, 100 in `make test-all`; `make soak` runs 2,000, each time others."""

import pytest
from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test

from tests.passes import thorough
from tests.soak.machine import SIZE, Machine
from tests.soak.stepping import DONE

# A busy machine may take several minutes; the sequences themselves never wait.
pytestmark = [pytest.mark.django_db, pytest.mark.timeout(900)]
EVERYTHING = {
    "sequences",
    "steps",
    "changes",
    "faults",
    "kills",
    "takeovers",
    "cancels",
    "decisions",
    "undos",
    "quiet points",
}


@pytest.mark.parametrize("sequences", [6, *thorough([100])])
def test_whatever_happens_the_portal_ends_as_the_rules_say(sequences):
    DONE.clear()
    run_state_machine_as_test(Machine, settings=settings(SIZE, max_examples=sequences))
    assert DONE["quiet points"] >= sequences
    if sequences >= 100:
        assert {name for name, number in DONE.items() if number > 0} >= EVERYTHING
