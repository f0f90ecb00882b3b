from datetime import timedelta
from math import inf

import pytest
from django.utils import timezone
from django_scopes import scope, scopes_disabled
from prometheus_client.parser import text_string_to_metric_families

from integrations.budget import for_key
from integrations.models import Heartbeat, Status
from tests.factories import ConnectionFactory, SyncRunFactory
from tests.world import make_world
from webhooks.services import emit, make_endpoint

pytestmark = pytest.mark.django_db
HEADERS = {"Authorization": "Bearer scrape-me-0123456789"}


@pytest.fixture
def is_open(settings):
    settings.METRICS_TOKEN = "scrape-me-0123456789"


def read(client) -> dict[tuple[str, ...], float]:
    answer = client.get("/metrics", headers=HEADERS)
    assert answer["Content-Type"].startswith("text/plain")
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def test_row_53_it_is_closed_unless_it_is_opened(client, as_alice, settings):
    for headers in ({}, HEADERS, {"Authorization": "Bearer "}):
        assert client.get("/metrics", headers=headers).status_code == 404
    settings.METRICS_TOKEN = "scrape-me-0123456789"
    for headers in ({}, {"Authorization": "Bearer scrape-me"}, {"Authorization": "Bearer é"}):
        assert as_alice.get("/metrics", headers=headers).status_code == 404
    assert client.get("/metrics", headers=HEADERS).status_code == 200


def test_an_alarm_has_a_figure_before_the_first_tick(client, is_open, acme):
    found = read(client)
    ages = {key[1]: age for key, age in found.items() if key[0] == "portal_heartbeat_age_seconds"}
    assert ages == {"tick": inf, "worker": inf}


def test_its_figures(client, is_open, acme):
    now = timezone.now()
    with scope(account=acme):
        world = make_world(acme)
        run = SyncRunFactory(connection=world.connection, status=Status.QUEUED)
        run.created_at = now - timedelta(seconds=90)
        run.save()
        Heartbeat.objects.create(name="tick", beat_at=now - timedelta(seconds=30))
    found = read(client)
    assert found["portal_syncs_ended_total", "HELD", world.held.trigger] == 1
    assert found["portal_syncs_open", "due"] == 1
    assert found["portal_syncs_open", "paused"] == 0
    assert 90 <= found["portal_oldest_queued_seconds",] < 120
    assert 30 <= found["portal_heartbeat_age_seconds", "tick"] < 60
    assert found["portal_enrollments", "WAITING"] == 1
    assert found["portal_keys_refused",] == 0


def test_what_the_keys_of_open_syncs_have_used(client, is_open, acme, globex, settings):
    settings.LITMOS_RATE = "4/60"
    with scopes_disabled():
        for account, status in ((acme, Status.RUNNING), (globex, Status.SYNCED)):
            key = f"{account.name:-<64}"
            connection = ConnectionFactory(account=account, api_key_fingerprint=key)
            SyncRunFactory(connection=connection, status=status)
            for purpose in ("SYNC", "ENROLL", "SYNC"):
                for_key(key, purpose).take()
    found = read(client)
    used = {key[1]: value for key, value in found.items() if key[0] == "portal_rate_budget_used"}
    assert used == {"SYNC": 2, "ENROLL": 1}
    assert found["portal_rate_budget_fullest_ratio",] == 0.75


def test_what_is_kept_of_webhooks(client, is_open, acme):
    with scope(account=acme):
        make_endpoint(account=acme, address="https://a.example/", events=["run.finished"])
        for number in range(2):
            emit(account=acme, type="run.finished", body={"run": number})
    assert read(client)["portal_webhook_deliveries", "PENDING"] == 2


def test_its_queries_do_not_grow(client, is_open, acme, globex, django_assert_num_queries):
    with scopes_disabled():
        make_world(acme)
        make_world(globex)
    with django_assert_num_queries(9):
        client.get("/metrics", headers=HEADERS)
