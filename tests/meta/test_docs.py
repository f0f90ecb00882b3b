"""The documentation names every setting and command, and links to what exists."""

import re

import pytest

from portal.log_in import SSO_NAMES
from tests.meta.files import ROOT, tracked

OPERATIONS = (ROOT / "docs/operations.md").read_text()
SETTINGS = (ROOT / "portal/settings.py").read_text()
READ = r"(?:env\.\w+|signing_key|sealing_keys|one_of|rate)"
NAMES = set(re.findall(rf'\b{READ}\(\s*"([A-Z_]+)"', SETTINGS)) | set(SSO_NAMES)
COMMANDS = sorted(path.stem for path in tracked("*/management/commands/[a-z]*.py"))
FOR_THE_DEMO_ALONE = {"demo_accounts"}
LINKS = [
    (path, target)
    for path in tracked("*.md")
    for target in re.findall(r"(?<!!)\[[^\]]+\]\(([^)#:]+)\)", path.read_text())
]


def test_there_is_something_to_look_for():
    assert len(NAMES) > 15
    assert "sync" in COMMANDS
    assert LINKS


@pytest.mark.parametrize("name", sorted(NAMES))
def test_each_setting_is_described(name):
    assert f"| `{name}` |" in OPERATIONS


@pytest.mark.parametrize("name", [name for name in COMMANDS if name not in FOR_THE_DEMO_ALONE])
def test_each_command_is_described(name):
    assert re.search(rf"^\| `{name}[ `]", OPERATIONS, re.MULTILINE)


@pytest.mark.parametrize(
    ("path", "target"), LINKS, ids=[f"{path.name}:{target}" for path, target in LINKS]
)
def test_each_link_leads_somewhere(path, target):
    assert (path.parent / target).exists()
