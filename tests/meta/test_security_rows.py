import re

import pytest

from tests.meta.files import ROOT
from tests.security.rows import ROWS


def test_every_row_is_there_once():
    assert [row.number for row in ROWS] == list(range(1, 58))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"row_{row.number:02}")
def test_a_row_has_tests_that_are_there_or_says_why_not(row):
    assert row.tests or row.left
    for test in row.tests:
        path, _, name = test.partition("::")
        text = (ROOT / "tests" / path).read_text()
        assert not name or re.search(rf"^def {name}\(", text, re.M), test
