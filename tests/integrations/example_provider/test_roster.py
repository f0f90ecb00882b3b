"""What docs/providers.md shows works: the example is tested, set up and synced as any other."""

import json

import pytest
from django_scopes import scope

from integrations import registry
from integrations.contract.errors import Credentials
from integrations.contract.secret import Secret
from integrations.models import Course
from integrations.services import open_run
from integrations.sync import engine, journal
from tests.factories import ConnectionFactory
from tests.integrations.example_provider.roster import Roster
from tests.integrations.sync.states import memberships, people
from tests.meta.files import ROOT

KEY = "roster-key-0123456789"


class Unlimited:
    def take(self) -> None:
        """As often as wanted."""

    def drain(self, seconds: float) -> None:
        raise AssertionError


@pytest.fixture
def document() -> dict[str, str]:
    rows = {
        "people": [
            {"id": "1", "email": "Ann@acme.example", "first_name": "Ann", "name": "Ann Lee"},
            {"id": "2", "email": "bo@acme.example", "name": "Bo\u202e Ek", "active": False},
            {"id": "", "email": "lost@acme.example"},
            *({"id": f"N{number}", "email": f"n{number}@x.example"} for number in range(40)),
        ],
        "teams": [{"id": "T", "name": "Sales"}],
        "teams/T": [{"id": "1"}, {"id": "2"}],
        "courses": [{"id": "C", "name": "Basics"}],
    }
    return {path: json.dumps(found) for path, found in rows.items()}


@pytest.fixture
def roster(document) -> Roster:
    return Roster({KEY: document})


def test_a_wrong_key_is_told_as_such(roster):
    result = roster.probe(region="world", api_key=Secret("wrong"), budget=Unlimited())
    assert [(step.key, step.passed, step.code) for step in result.steps] == [
        ("KEY", False, "key_refused")
    ]
    with pytest.raises(Credentials):
        roster.connect(region="world", api_key=Secret("wrong"), budget=Unlimited())


def test_a_probe_tells_what_there_is(roster):
    result = roster.probe(region="world", api_key=Secret(KEY), budget=Unlimited())
    assert (result.passed, result.counts) == (True, {"people": 43, "teams": 1})


@pytest.mark.django_db
def test_it_syncs(roster, acme, monkeypatch):
    path = "tests.integrations.example_provider.roster.Roster"
    monkeypatch.setitem(registry.PROVIDERS, "roster", path)
    with scope(account=acme):
        connection = ConnectionFactory(account=acme, provider="roster", region="world")
        run = open_run(connection=connection, trigger="MANUAL").run
        for _ in range(50):
            claimed = journal.claim(run.pk)
            if claimed is None:
                break
            session = roster.connect(region="world", api_key=Secret(KEY), budget=Unlimited())
            engine.work(claimed, session, is_time_up=lambda: True)
        run.refresh_from_db()
        assert (run.status, run.warnings) == ("WARNINGS", 1)
        assert people() == {"Ann@acme.example": "Ann Lee"}
        assert memberships() == {"Sales": {"Ann@acme.example": True}}
        assert Course.objects.get().name == "Basics"


def test_the_guide_names_what_is_there():
    guide = (ROOT / "docs/providers.md").read_text()
    for name in ("tests/integrations/example_provider/roster.py", "integrations/registry.py"):
        assert f"`{name}`" in guide
        assert (ROOT / name).exists()
