from datetime import timedelta

import pytest
from django.utils import timezone
from django_scopes import scope, scopes_disabled
from prometheus_client.parser import text_string_to_metric_families

from integrations.models import Heartbeat, Status
from tests.factories import SyncRunFactory
from tests.world import make_world

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


def test_its_queries_do_not_grow(client, is_open, acme, globex, django_assert_num_queries):
    with scopes_disabled():
        make_world(acme)
        make_world(globex)
    with django_assert_num_queries(7):
        client.get("/metrics", headers=HEADERS)
