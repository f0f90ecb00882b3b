"""Nothing is kept longer than said."""

import json
from datetime import timedelta
from io import StringIO

import pytest
import time_machine
from django.core.management import call_command
from django.utils import timezone
from django_scopes import scope, scopes_disabled

from accounts import audit
from accounts.models import AuditEvent
from integrations.models import Change, SyncRun
from portal.management.commands.purge import counts
from tests.world import make_world
from webhooks.services import emit, make_endpoint

pytestmark = pytest.mark.django_db


@pytest.fixture
def _kept(acme):
    with scope(account=acme):
        make_world(acme)
        audit.record(account=acme, kind="EXPORTED", subject="a.csv")


def purged(*words) -> dict[str, int]:
    out = StringIO()
    call_command("purge", "--json", *words, stdout=out)
    return {name: number for name, number in json.loads(out.getvalue()).items() if number}


@pytest.mark.usefixtures("_kept")
def test_row_56_each_thing_goes_when_its_time_is_over():
    now = timezone.now()
    with time_machine.travel(now + timedelta(days=89)):
        assert purged() == {}
    with time_machine.travel(now + timedelta(days=91)):
        assert purged("--dry-run") == {"integrations.Change": 1}
        assert purged() == {"integrations.Change": 1}
        assert purged() == {}
    with time_machine.travel(now + timedelta(days=729)):
        assert purged() == {}
    with time_machine.travel(now + timedelta(days=731)):
        assert purged() == {"accounts.AuditEvent": 1}
    with scopes_disabled():
        assert (Change.objects.count(), AuditEvent.objects.count()) == (0, 0)
        assert SyncRun.objects.count() == 2


def test_row_56_what_was_sent_to_webhooks_goes(acme, settings):
    settings.KEEP_WEBHOOK_DAYS = 7
    with scope(account=acme):
        make_endpoint(account=acme, address="https://a.example/", events=["run.finished"])
        emit(account=acme, type="run.finished", body={"run": 1})
    with time_machine.travel(timezone.now() + timedelta(days=6)):
        assert purged() == {}
    with time_machine.travel(timezone.now() + timedelta(days=8)):
        assert purged() == {"webhooks.Delivery": 1}


@pytest.mark.usefixtures("_kept")
def test_row_56_how_long_is_a_setting(settings):
    settings.KEEP_LOG_DAYS, settings.KEEP_AUDIT_DAYS = 5, 10
    with time_machine.travel(timezone.now() + timedelta(days=6)):
        assert purged() == {"integrations.Change": 1}
    with time_machine.travel(timezone.now() + timedelta(days=11)):
        assert purged() == {"accounts.AuditEvent": 1}


@pytest.mark.usefixtures("_kept")
def test_it_says_what_went(capsys):
    with time_machine.travel(timezone.now() + timedelta(days=91)):
        call_command("purge", "--dry-run")
    assert "1 would go  integrations.Change" in capsys.readouterr().out
    with scopes_disabled():
        assert counts()["integrations.Change"] == 1
