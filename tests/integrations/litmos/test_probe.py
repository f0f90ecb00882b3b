"""The connection test: what it finds, what it tells apart, and where it sends the key."""

from __future__ import annotations

from contextlib import contextmanager

import pytest
import responses
from django.contrib.staticfiles import finders

from integrations import registry
from integrations.contract.provider import ProbeResult, ProbeStep
from integrations.contract.secret import Secret
from integrations.providers.litmos import provider
from integrations.providers.litmos.sandbox import Sandbox
from tests.integrations.litmos.badserver import BadServer, saying
from tests.integrations.litmos.conftest import KEY, Purse
from tests.integrations.litmos.records import TEAM

LITMOS = registry.get("litmos")


def probe(key: str, region: str = "here", purse: Purse | None = None) -> ProbeResult:
    return LITMOS.probe(region=region, api_key=Secret(key), budget=purse or Purse())


def told(result: ProbeResult) -> list[tuple]:
    return [
        (step.key, step.args) if step.passed else (step.key, step.code, step.args)
        for step in result.steps
    ]


PASSED = [("HOST", {}), ("KEY", {}), ("OWNER", {}), ("TEAMS", {})]


@pytest.fixture
def rehearsal(settings):
    @contextmanager
    def served(faults: str = "", more: str = "", **sizes):
        sandbox = Sandbox(faults=faults, **{"users": 40, "teams": 3, "courses": 6, **sizes})
        with sandbox.serve() as server:
            settings.LITMOS_EXTRA_REGIONS = f"Here={server.url}{more}"
            yield sandbox

    return served


def test_a_good_key(rehearsal):
    purse = Purse(4)
    with rehearsal() as sandbox:
        result = probe(sandbox.api_key, purse=purse)
    counts = {"people": 40, "teams": 3, "courses": 6}
    assert told(result) == [*PASSED, ("COUNTS", counts)]
    assert result.counts == counts
    assert sorted(team.name for team in result.teams) == ["Engineering", "Sales", "Sales EMEA"]
    assert (len(sandbox.calls), purse.left) == (4, 0)


def test_all_teams_are_loaded(rehearsal):
    with rehearsal(teams=1203, users=5) as sandbox:
        result = probe(sandbox.api_key)
    assert len({team.integration_id for team in result.teams}) == 1203


@pytest.mark.parametrize(
    ("faults", "expected"),
    [
        ("403:/users/details", [("HOST", {}), ("KEY", {}), ("OWNER", "not_owner", {})]),
        ("emptylist:/teams", [*PASSED[:3], ("TEAMS", "no_team", {})]),
        ("503@1", [("HOST", {}), ("KEY", "throttled", {"seconds": 60})]),
        ("503=7:/courses", [*PASSED, ("COUNTS", "throttled", {"seconds": 7})]),
        ("500:/users/paginated", [*PASSED[:2], ("OWNER", "litmos_unavailable", {})]),
        ("html200", [("HOST", "not_litmos", {})]),
        ("xml", [("HOST", "not_litmos", {})]),
        ("object", [("HOST", "not_litmos", {})]),
        ("redirect", [("HOST", "unexpected_redirect", {})]),
        ("404", [("HOST", "wrong_site", {})]),
        ("reset", [("HOST", "unreachable", {})]),
    ],
)
def test_failures_are_told_apart(rehearsal, faults, expected):
    with rehearsal(faults) as sandbox:
        result = probe(sandbox.api_key)
    assert told(result) == expected
    assert (result.passed, result.teams, result.counts) == (False, (), {})


def test_a_wrong_key(rehearsal):
    with rehearsal() as sandbox:
        assert told(probe(KEY)) == [("HOST", {}), ("KEY", "key_refused", {})]
    assert [call.status for call in sandbox.calls] == [401]


def test_a_learners_key(rehearsal):
    with rehearsal() as sandbox:
        result = probe(sandbox.learner_key)
    assert told(result) == [("HOST", {}), ("KEY", {}), ("OWNER", "not_owner", {})]


def test_a_key_of_another_region(rehearsal):
    other = Sandbox(seed=2)
    with other.serve() as server, rehearsal(more=f",Over There={server.url}"):
        result = probe(other.api_key)
    assert told(result) == [("HOST", {}), ("KEY", "key_refused", {"region": "Over There"})]


def test_a_tenant_that_says_403_to_a_key_of_another_region(rehearsal):
    other = Sandbox(seed=2)
    with other.serve() as server, rehearsal("403", more=f",Over There={server.url}"):
        result = probe(other.api_key)
    assert told(result) == [("HOST", {}), ("KEY", "key_refused", {"region": "Over There"})]


@responses.activate
def test_a_refused_key_goes_to_litmos_own_regions_and_to_no_rehearsal(rehearsal):
    responses.get("https://api.litmos.com/v1.svc/teams", status=401)
    responses.get("https://api.litmoseu.com/v1.svc/teams", status=401)
    responses.get("https://api.litmos.com.au/v1.svc/teams", json=[TEAM])
    with rehearsal() as sandbox:
        result = probe(KEY, region="us")
    assert told(result) == [("HOST", {}), ("KEY", "key_refused", {"region": "Australia"})]
    assert len(responses.calls) == 3
    assert sandbox.calls == []


@responses.activate
def test_a_refused_key_of_a_rehearsal_goes_nowhere_else(settings):
    settings.LITMOS_EXTRA_REGIONS = "Here=http://127.0.0.1:1/v1.svc"
    responses.get("http://127.0.0.1:1/v1.svc/teams", status=401)
    assert told(probe(KEY)) == [("HOST", {}), ("KEY", "key_refused", {})]
    assert len(responses.calls) == 1


def test_nobody_listens(settings):
    with BadServer(saying(b"")) as server:
        settings.LITMOS_EXTRA_REGIONS = f"Here={server.url}"
    assert told(probe(KEY)) == [("HOST", "unreachable", {})]


def test_no_tls(settings):
    with Sandbox().serve() as server:
        settings.LITMOS_EXTRA_REGIONS = f"Here={server.url.replace('http://', 'https://')}"
        assert told(probe(KEY)) == [("HOST", "tls", {})]


def test_silence(settings, monkeypatch):
    monkeypatch.setattr(provider, "PROBE_SECONDS", 0.3)
    with BadServer(lambda connection: connection.recv(1)) as server:
        settings.LITMOS_EXTRA_REGIONS = f"Here={server.url}"
        assert told(probe(KEY)) == [("HOST", "timeout", {})]


def test_an_empty_budget(rehearsal):
    with rehearsal() as sandbox:
        result = probe(sandbox.api_key, purse=Purse(2))
    assert told(result) == [*PASSED[:2], ("OWNER", "budget_empty", {"seconds": 17})]


def test_a_key_that_can_be_none():
    assert probe("a\nb", region="us") == ProbeResult(
        (ProbeStep("KEY", passed=False, code="key_malformed"),)
    )


def test_a_region_that_is_no_more():
    assert probe(KEY, region="gone") == ProbeResult(
        (ProbeStep("HOST", passed=False, code="wrong_site"),)
    )


def test_the_key_is_not_in_the_result(rehearsal):
    with rehearsal("html200"):
        assert KEY not in repr(probe(KEY))


def test_what_the_card_shows():
    assert finders.find(LITMOS.logo)
    assert LITMOS.sentence.endswith(".") and LITMOS.sentence.count(".") == 1
    assert "Account Settings > Litmos Features > API" in LITMOS.key_hint
