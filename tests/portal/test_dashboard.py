from datetime import UTC, datetime, timedelta

import pytest
from django.utils.timezone import now
from django_scopes import scope

from integrations.models import GroupLink, Heartbeat, Status
from portal.selectors import lines
from targets import tallies
from tests.factories import (
    ConnectionFactory,
    CourseFactory,
    GroupFactory,
    SyncRunFactory,
    TargetFactory,
)
from tests.portal.rows import course_in_use, link

RUN = "/administration/integrations/litmos/runs/{}/"


@pytest.fixture
def connection(acme):
    acme.account_manager_email = "manager@acme.example"
    acme.save()
    Heartbeat.objects.create(name="tick", beat_at=now())
    return ConnectionFactory(account=acme)


def attention(client) -> list[str]:
    return [item.text for item in client.get("/").context["attention"]]


def test_who_opens_the_dashboard(client, as_alice, as_bob, as_charlie, acme):
    assert client.get("/")["Location"] == "/login/?next=/"
    assert as_alice.get("/").status_code == 200
    assert as_bob.get("/").status_code == 200
    assert as_alice.post("/").status_code == 405


def test_an_empty_account_gets_the_first_steps(as_alice, as_bob):
    page = as_alice.get("/").text
    assert "First steps" in page
    assert 'href="/administration/integrations/"' in page
    assert "Needs attention" not in page
    assert "An Administrator of Acme can do it" in as_bob.get("/").text


def test_what_is_counted(as_alice, as_charlie, connection, acme):
    GroupFactory.create_batch(2, account=acme)
    GroupFactory(account=acme, is_archived=True)
    TargetFactory.create_batch(3, account=acme)
    CourseFactory(connection=connection)
    CourseFactory(connection=connection, is_active=False)
    CourseFactory(connection=connection, gone_at=now())
    shown = [(each.label, each.number) for each in as_alice.get("/").context["figures"]]
    assert shown == [("Groups", 2), ("Targets", 3), ("Courses", 1), ("Open remediations", 0)]
    assert [each.number for each in as_charlie.get("/").context["figures"]] == [0, 0, 0, 0]


def test_the_last_run_and_the_next_night(as_alice, connection, acme):
    acme.time_zone = "Asia/Tokyo"
    acme.save()
    connection.next_auto_sync_at = datetime(2026, 11, 24, 15, 5, tzinfo=UTC)
    connection.save()
    SyncRunFactory(connection=connection, status=Status.FAILED)
    last = SyncRunFactory(connection=connection, status=Status.WARNINGS)
    page = as_alice.get("/").text
    assert f'<a href="{RUN.format(last.pk)}"><span class="badge bg-yellow-lt">' in page
    assert "25 Nov 2026, 00:05 (Asia/Tokyo)" in page
    assert attention(as_alice) == []


@pytest.mark.parametrize(
    ("is_active", "group", "has_nights"),
    [
        (True, None, True),
        (False, None, False),
        (False, {"auto_sync": True}, True),
        (False, {"auto_sync": True, "locked": True}, False),
        (False, {"auto_sync": False}, False),
    ],
)
def test_no_night_is_promised_that_would_do_nothing(connection, acme, is_active, group, has_nights):
    moment = now()
    connection.is_active = is_active
    connection.next_auto_sync_at = moment
    connection.save()
    with scope(account=acme):
        if group is not None:
            made = GroupFactory(account=acme, **group)
            GroupLink.objects.create(
                account=acme, connection=connection, group=made, integration_id="t"
            )
        assert [line.next_at for line in lines()] == [moment if has_nights else None]


def test_what_needs_attention(as_alice, as_bob, connection, acme):
    acme.account_manager_email = ""
    acme.save()
    Heartbeat.objects.update(beat_at=now() - timedelta(minutes=6))
    run = SyncRunFactory(connection=connection, status=Status.FAILED, error_code="key_refused")
    assert attention(as_alice) == [
        "The scheduler has not been heard of for more than five minutes, so syncs may not start.",
        "Litmos refused the API key.",
        "No Account Manager Email is set, so nobody is told when a sync ends.",
    ]
    page = as_alice.get("/").text
    assert 'href="/administration/account/notifications/"' in page
    assert RUN.format(run.pk) in page
    assert RUN.format(run.pk) not in as_bob.get("/").text


def test_held_changes_need_attention_until_a_newer_run(as_alice, connection):
    SyncRunFactory(connection=connection, status=Status.HELD)
    assert attention(as_alice) == ["Litmos has changes that are held."]
    SyncRunFactory(connection=connection, status=Status.SYNCED)
    assert attention(as_alice) == []


def test_a_scheduler_never_heard_of_needs_attention(as_alice, connection):
    Heartbeat.objects.all().delete()
    assert attention(as_alice) == []
    connection.created_at -= timedelta(minutes=6)
    connection.save()
    assert len(attention(as_alice)) == 1


@pytest.mark.parametrize("count", [1, 30])
def test_queries_do_not_grow(as_alice, connection, acme, count, django_assert_max_num_queries):
    SyncRunFactory.create_batch(count, connection=connection, status=Status.FAILED)
    groups = GroupFactory.create_batch(count, account=acme)
    TargetFactory.create_batch(count, account=acme)
    with scope(account=acme):
        tallies.recount(acme)
        for group in groups:
            link(connection, group, joining=1)
        course_in_use(connection, count, is_active=False)
    with django_assert_max_num_queries(15):
        as_alice.get("/")
