import re
from datetime import timedelta

import pytest
from django.utils.timezone import now

from integrations.models import Heartbeat, Status
from portal.status import state
from tests.factories import AccountFactory, ConnectionFactory, SyncRunFactory
from tests.logging_in import OWN, give_app

pytestmark = pytest.mark.django_db


@pytest.fixture
def operator(client, alice):
    alice.is_staff = True
    alice.save()
    give_app(alice)
    client.force_login(alice)
    return client


def open_run(**fields):
    connection = ConnectionFactory(account=AccountFactory())
    return SyncRunFactory(connection=connection, finished_at=None, **fields)


def test_only_the_operator_sees_it(client, as_alice, as_charlie):
    assert client.get("/status/")["Location"] == "/login/?next=/status/"
    assert as_alice.get("/status/").status_code == 404
    assert as_charlie.get("/status/").status_code == 404


def test_row_21_the_operator_needs_a_second_factor(as_alice, alice):
    alice.is_staff = True
    alice.save()
    answer = as_alice.get("/status/", follow=True)
    assert answer.redirect_chain == [(OWN, 302)]
    assert "The operator&#x27;s pages need a second factor." in answer.text
    assert as_alice.get("/status/", headers={"HX-Request": "true"})["HX-Redirect"] == OWN
    give_app(alice)
    assert as_alice.get("/status/").status_code == 200


def test_nothing_was_heard_of_yet(operator):
    page = operator.get("/status/")
    assert page.status_code == 200
    assert "has not been heard of for more than five minutes" in page.text
    assert "No sync is open" in page.text


def test_what_open_runs_wait_for():
    moment = now()
    later, earlier = moment + timedelta(minutes=1), moment - timedelta(minutes=1)
    open_run(status=Status.QUEUED, created_at=earlier)
    open_run(status=Status.RUNNING, next_attempt_at=later)
    open_run(status=Status.RUNNING, next_attempt_at=later, attempts=2)
    open_run(status=Status.RUNNING, lease_until=later)
    open_run(status=Status.RUNNING, lease_until=earlier)
    open_run(status=Status.RUNNING, next_attempt_at=earlier)
    found = state(moment)
    assert [line.what for line in found.open_runs] == [
        "a worker",
        "free API calls",
        "its next try, after trouble",
        "nothing, a worker is at it",
        "a new worker: the last one was lost",
        "a worker",
    ]
    assert (found.oldest_queued, found.for_budget) == (earlier, 1)
    assert (found.backlog.due, found.backlog.due_since) == (3, earlier)


def test_who_is_silent_and_what_ended_lately():
    moment = now()
    Heartbeat.objects.create(name="tick", beat_at=moment - timedelta(minutes=6))
    Heartbeat.objects.create(name="worker", beat_at=moment - timedelta(minutes=4))
    connection = ConnectionFactory(account=AccountFactory())
    for hours in (1, 2, 25):
        ended = moment - timedelta(hours=hours)
        SyncRunFactory(connection=connection, status=Status.FAILED, finished_at=ended)
    found = state(moment)
    assert [(part.label, part.is_silent) for part in found.parts] == [
        ("Scheduler (beat)", True),
        ("Worker", False),
    ]
    assert not found.is_well
    assert found.ended == [("Sync failed", 2)]


def test_backlog_is_shown(operator):
    open_run(status=Status.QUEUED, created_at=now() - timedelta(minutes=1))
    words = " ".join(re.sub("<[^>]+>", " ", operator.get("/status/").text).split())
    assert "Due, waiting for a worker 1 First of them due since" in words


def test_queries_do_not_grow(operator, django_assert_max_num_queries):
    for _ in range(20):
        open_run(status=Status.QUEUED)
    with django_assert_max_num_queries(10):
        assert operator.get("/status/").status_code == 200
