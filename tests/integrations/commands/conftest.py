import io
import sys

import pytest
from django_scopes import scope

from integrations import registry, services
from integrations.management import watching
from integrations.models import OPEN_STATUSES, SyncRun
from tests.integrations.commands import provider


@pytest.fixture
def remote(monkeypatch):
    """Two teams of one name, told apart by nothing but their ids, and one with a comma."""
    monkeypatch.setitem(registry.PROVIDERS, "memory", "tests.integrations.commands.provider.Memory")
    fresh = provider.Remote()
    fresh.team("t1", "Sales")
    fresh.team("t2", "Twins")
    fresh.team("t3", "Twins")
    fresh.team("t4", "Berlin, Germany")
    fresh.person("p1", "ann@acme.example", teams="t1 t4")
    fresh.person("p2", "bob@acme.example", teams="t4")
    fresh.person("p3", "", teams="t4")
    fresh.course("c1", "Phishing 101")
    monkeypatch.setattr(provider, "REMOTE", fresh)
    return fresh


@pytest.fixture
def typed(monkeypatch):
    def typed(text):
        monkeypatch.setattr(sys, "stdin", io.StringIO(text))

    return typed


@pytest.fixture
def worker(monkeypatch):
    """While a command waits, the open runs get their steps."""

    def work(_seconds):
        for run in SyncRun.objects.filter(status__in=OPEN_STATUSES):
            services.advance(run_id=run.pk)

    monkeypatch.setattr(watching.time, "sleep", work)


@pytest.fixture
def in_acme(acme):
    with scope(account=acme):
        yield acme
