from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone
from django_scopes import scope, scopes_disabled

from groups.models import Group
from integrations.models import Change, Connection, GroupLink, Heartbeat, Probe, SyncRun
from integrations.services import open_run, purge, tick
from integrations.services.nights import next_auto_sync
from integrations.services.schedule import FARTHEST_AHEAD
from tests.bench.night import START, Job, connect
from tests.factories import AccountFactory, ConnectionFactory, SyncRunFactory

pytestmark = pytest.mark.django_db


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.fixture
def connection(acme) -> Connection:
    acme.time_zone = "Europe/Berlin"
    acme.save()
    with scope(account=acme):
        return Connection.objects.create(
            pk=30,
            account=acme,
            provider="litmos",
            region="us",
            is_active=True,
            api_key_sealed="x",
            auto_sync_zone="Europe/Berlin",
            next_auto_sync_at=at("2026-11-23 23:00"),
        )


@pytest.mark.parametrize(
    ("zone", "after", "expected"),
    [
        ("UTC", "2026-11-23 10:00", "2026-11-24 00:00"),
        ("Europe/Berlin", "2026-11-23 22:59", "2026-11-23 23:00"),
        ("Europe/Berlin", "2026-11-23 23:00", "2026-11-24 23:00"),
        ("Europe/Berlin", "2027-03-27 23:30", "2027-03-28 22:00"),
        ("America/Havana", "2026-03-08 01:00", "2026-03-08 05:00"),
        ("Pacific/Auckland", "2026-11-23 10:59", "2026-11-23 11:00"),
    ],
)
def test_next_midnight_of_the_account(connection, zone, after, expected):
    connection.account.time_zone = zone
    assert next_auto_sync(connection, after=at(after)) == at(expected)


def test_midnights_are_spread_by_key(connection):
    connection.pk = 37
    moment = next_auto_sync(connection, after=at("2026-11-23 10:00"))
    assert moment == at("2026-11-23 23:07")


def test_tick_opens_one_run_and_twice_changes_nothing(connection):
    moment = at("2026-11-23 23:00")
    first, second = tick(now=moment), tick(now=moment)

    with scopes_disabled():
        runs = list(SyncRun.objects.values_list("trigger", "status"))
        connection.refresh_from_db()
    assert runs == [("AUTO", "QUEUED")]
    assert (len(first.run_ids), second.run_ids) == (1, [])
    assert connection.next_auto_sync_at == at("2026-11-24 23:00")
    assert Heartbeat.objects.get(name="tick").beat_at == moment


def test_one_tick_opens_all_that_are_due(django_assert_max_num_queries):
    with scopes_disabled():
        connect([Job(1, 1, 1)] * 1200)
        with django_assert_max_num_queries(100):
            opened = tick(now=START).new
        assert opened == list(
            SyncRun.objects.order_by("connection_id").values_list("pk", flat=True)
        )
    assert len(opened) == 1200


def test_night_waits_for_what_is_open(connection, acme):
    with scope(account=acme):
        open_run(connection=connection, trigger="MANUAL")
    assert tick(now=at("2026-11-23 23:00")).new == []
    with scope(account=acme):
        SyncRun.objects.update(status="SYNCED")
    assert len(tick(now=at("2026-11-23 23:01")).new) == 1


def test_nights_that_were_missed_are_caught_up_once(connection):
    tick(now=at("2026-11-27 12:00"))

    with scopes_disabled():
        connection.refresh_from_db()
        assert SyncRun.objects.count() == 1
    assert connection.next_auto_sync_at == at("2026-11-27 23:00")


def test_inactive_connection_follows_only_groups_with_auto_sync(connection, acme):
    with scope(account=acme):
        Connection.objects.update(is_active=False)
        group = Group.objects.create(account=acme, name="Sales", source="litmos", auto_sync=True)
        GroupLink.objects.create(
            account=acme,
            connection=connection,
            group=group,
            integration_id="T",
            remote_name="Sales",
        )
    assert len(tick(now=at("2026-11-23 23:00")).run_ids) == 1
    with scope(account=acme):
        SyncRun.objects.all().delete()
        Group.objects.update(auto_sync=False)
        Connection.objects.update(next_auto_sync_at=at("2026-11-23 23:00"))
    assert tick(now=at("2026-11-23 23:00")).run_ids == []


def test_refused_key_pauses_after_three_days(connection, acme):
    with scope(account=acme):
        Connection.objects.update(key_refused_since=at("2026-11-20 22:00"))
    assert tick(now=at("2026-11-23 23:00")).run_ids == []


def test_moved_time_zone_moves_the_next_night(connection, acme):
    acme.time_zone = "Pacific/Auckland"
    acme.save()
    tick(now=at("2026-11-23 10:00"))

    with scopes_disabled():
        connection.refresh_from_db()
    assert connection.next_auto_sync_at == at("2026-11-23 11:00")


def test_a_clock_that_was_ahead_puts_no_night_off(connection):
    now = at("2026-11-23 10:00")
    tick(now=now + timedelta(days=200))
    with scopes_disabled():
        SyncRun.objects.all().delete()
        connection.refresh_from_db()
    assert connection.next_auto_sync_at == at("2027-06-11 22:00")
    tick(now=now)
    with scopes_disabled():
        connection.refresh_from_db()
    assert connection.next_auto_sync_at == at("2026-11-23 23:00")
    assert len(tick(now=at("2026-11-23 23:00")).run_ids) == 1


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "America/Havana", "Europe/Berlin"])
@pytest.mark.parametrize("day", ["2026-03-07", "2026-10-24", "2026-10-31", "2026-11-23"])
def test_a_night_of_the_usual_kind_is_not_too_far_ahead(connection, zone, day):
    connection.account.time_zone = zone
    for hour in range(48):
        moment = at(f"{day} 00:00") + timedelta(hours=hour)
        assert next_auto_sync(connection, after=moment) - moment < FARTHEST_AHEAD


def test_tick_wakes_what_was_forgotten(connection, acme):
    now = timezone.now()
    with scope(account=acme):
        Connection.objects.update(next_auto_sync_at=now + timedelta(hours=1))
        run = open_run(connection=connection, trigger="MANUAL").run
    assert tick(now=now).run_ids == []
    assert tick(now=now + timedelta(seconds=90)).run_ids == [run.pk]
    with scope(account=acme):
        SyncRun.objects.update(status="RUNNING", lease_until=now + timedelta(seconds=100))
    assert tick(now=now + timedelta(seconds=90)).run_ids == []
    assert tick(now=now + timedelta(seconds=110)).run_ids == [run.pk]


@pytest.mark.parametrize(("messages", "woken"), [(0, 3), (1, 2), (3, 0), (9, 0)])
def test_tick_wakes_as_many_as_messages_are_missing(messages, woken):
    """First what has begun, then who waits longest."""
    now = timezone.now()
    minutes = [now - timedelta(minutes=number) for number in (2, 3)]
    queued = [waiting_run(status="QUEUED", created_at=each, started_at=None) for each in minutes]
    begun = waiting_run(status="RUNNING", next_attempt_at=now, started_at=now)
    assert tick(now=now, messages=messages).new == [begun, *reversed(queued)][:woken]


def test_tick_always_wakes_what_lost_its_worker():
    now = timezone.now()
    run = waiting_run(status="RUNNING", lease_until=now - timedelta(seconds=1))
    assert tick(now=now, messages=9).begun == [run]


def waiting_run(**fields) -> int:
    connection = ConnectionFactory(account=AccountFactory())
    return SyncRunFactory(connection=connection, finished_at=None, **fields).pk


def test_purge_keeps_headers_and_forgets_keys_of_old_tests(connection, acme):
    now = timezone.now()
    with scope(account=acme):
        run = open_run(connection=connection, trigger="MANUAL").run
        SyncRun.objects.update(status="SYNCED", finished_at=now - timedelta(days=91))
        Change.objects.create(account=acme, run=run, kind="GROUP", action="CREATE", label="x")
        probe = Probe.objects.create(
            account=acme,
            provider="litmos",
            region="us",
            has_passed=True,
            api_key_sealed="sealed",
            created_at=now - timedelta(minutes=31),
        )
        Probe.objects.create(
            account=acme, provider="litmos", region="us", created_at=now - timedelta(days=8)
        )
    purge(now=now)

    with scope(account=acme):
        assert list(SyncRun.objects.all()) == [run]
        assert list(Change.objects.all()) == []
        assert list(Probe.objects.values_list("pk", "api_key_sealed")) == [(probe.pk, "")]
