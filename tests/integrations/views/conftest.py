import re

import pytest
from django_scopes import scope

from integrations import registry
from integrations.models import Probe
from integrations.services.keys import put_key
from integrations.services.probes import with_paths
from tests.factories import ConnectionFactory
from tests.integrations.views import provider
from tests.integrations.views.provider import GOOD_KEY

STORE = "/administration/integrations/"
HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def site(monkeypatch):
    monkeypatch.setattr(registry, "PROVIDERS", {"paper": "tests.integrations.views.provider.Paper"})
    fresh = provider.Site()
    fresh.has_teams(3)
    monkeypatch.setattr(provider, "SITE", fresh)
    return fresh


@pytest.fixture
def connection(acme):
    made = ConnectionFactory.build(account=acme, provider="paper", region="us", is_active=True)
    put_key(made, GOOD_KEY)
    made.save()
    return made


@pytest.fixture
def in_acme(acme):
    with scope(account=acme):
        yield acme


@pytest.fixture
def passed(acme, site):
    """A passed test of the good key, with the site's teams."""

    def passed(*, region="us", **fields):
        probe = Probe(account=acme, provider="paper", region=region, has_passed=True, **fields)
        probe.teams = with_paths(tuple(site.teams))
        put_key(probe, GOOD_KEY)
        probe.save()
        return probe

    return passed


def text(answer):
    """What a page says: no tags, single blanks."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", answer.content.decode()))
