import re

import pytest

from tests.meta.files import ROOT
from tests.security.rows import rows


def test_every_row_is_there_once():
    assert [row.number for row in rows()] == list(range(1, 58))


@pytest.mark.parametrize("row", rows(), ids=lambda row: f"row_{row.number:02}")
def test_a_row_has_tests_that_are_there_or_says_why_not(row):
    assert row.tests or row.left
    for test in row.tests:
        path, _, name = test.partition("::")
        text = (ROOT / "tests" / path).read_text()
        assert not name or re.search(rf"^def {name}\(", text, re.M), test


def test_row_54_what_is_installed_was_locked_with_its_hash():
    for name in ("requirements.txt", "requirements-dev.txt"):
        pinned = re.split(r"\n(?=[a-z0-9])", (ROOT / name).read_text().strip())
        assert len(pinned) > 30
        assert [one for one in pinned if "--hash=sha256:" not in one or "==" not in one] == []
    for name in ("Dockerfile", "Makefile"):
        installs = re.findall(r"^.*pip install.*requirements.*$", (ROOT / name).read_text(), re.M)
        assert installs
        assert all("--require-hashes" in line for line in installs)


def test_row_35_secrets_of_an_installation_are_not_tracked():
    ignored = (ROOT / ".gitignore").read_text().split()
    assert {".env", "var/"} <= set(ignored) | {f"{name}/" for name in ignored}
