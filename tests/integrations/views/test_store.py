from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from integrations import budget
from integrations.models import GroupLink, Heartbeat, Status, Trigger
from tests.factories import GroupFactory, SyncRunFactory
from tests.integrations.views.conftest import STORE, text

CARD = f"{STORE}paper/card/"


def state(client):
    """The badge and the lines below it, and whether it asks again."""
    answer = client.get(CARD)
    return text(answer).strip(), "every 2s" in answer.content.decode()


@pytest.mark.parametrize("address", [STORE, CARD])
def test_who_may_see_it(client, as_alice, as_bob, connection, address):
    assert as_alice.get(address).status_code == 200
    assert as_bob.get(address).status_code == 403
    assert client.get(address)["Location"] == f"/login/?next={address}"


def test_unknown_provider_is_not_found(as_alice):
    assert as_alice.get(f"{STORE}litmus/card/").status_code == 404


def test_card_of_a_provider_not_set_up(as_alice):
    page = as_alice.get(STORE)
    assert "Paper LMS Courses on paper. Not set up Setup" in text(page)
    assert f'hx-get="{STORE}paper/setup/"' in page.content.decode()


def test_another_accounts_connection_is_not_shown(as_charlie, connection):
    assert "Not set up" in text(as_charlie.get(STORE))


def test_menu_of_a_connection(as_alice, connection):
    said = text(as_alice.get(STORE))
    assert (
        "Actions for Paper LMS Settings Limits Field mapping Test connection Preview changes Run Sync "
        "Cancel no sync is open "
        "Last Sync Logs Sync history Why here, why not here Groups of this integration "
        "Drift report Turn off Remove"
    ) in said
    assert "Setup" not in said


@pytest.mark.parametrize("status", Status.values)
def test_badge_of_every_status(as_alice, connection, status):
    SyncRunFactory(connection=connection, status=status)
    told, is_polling = state(as_alice)
    assert told.startswith(Status(status).label)
    assert is_polling == (status in ("QUEUED", "RUNNING"))


def test_progress_of_an_open_run(as_alice, connection):
    started = timezone.now() - timedelta(seconds=60)
    SyncRunFactory(connection=connection, calls=40)
    SyncRunFactory(
        connection=connection,
        status=Status.RUNNING,
        phase="PEOPLE",
        calls=10,
        started_at=started,
        finished_at=None,
        cursor={"received": 12000},
    )
    told, is_polling = state(as_alice)
    assert "Syncing Reading people, about 3 minutes left So far: 12,000 people" in told
    assert is_polling


def test_no_time_left_once_it_takes_longer_than_the_last(as_alice, connection):
    SyncRunFactory(connection=connection, calls=10)
    SyncRunFactory(connection=connection, status=Status.RUNNING, calls=12, finished_at=None)
    assert "left" not in state(as_alice)[0]


def test_no_time_left_without_a_sync_to_judge_by(as_alice, connection):
    SyncRunFactory(connection=connection, status=Status.RUNNING, calls=10, finished_at=None)
    assert "left" not in state(as_alice)[0]


def test_calls_of_the_last_minute_and_what_for(as_alice, connection, settings, tmp_path):
    settings.REDIS_URL, settings.PORTAL_VAR, settings.LITMOS_RATE = "", str(tmp_path), "100/60"
    SyncRunFactory(connection=connection, status=Status.RUNNING, finished_at=None)
    assert "API calls used" not in state(as_alice)[0]
    for purpose in ("SYNC", "SYNC", "TEST"):
        budget.for_key(connection.api_key_fingerprint, purpose).take()
    said = "3 of 100 API calls used in the last minute: 2 for syncs, 1 for connection tests"
    assert said in state(as_alice)[0]


def test_queued_says_when_it_starts(as_alice, connection):
    SyncRunFactory(connection=connection, status=Status.QUEUED, started_at=None, finished_at=None)
    assert state(as_alice)[0].startswith(
        "Sync Queued Starts within a minute Cancel the sync of Paper LMS Refresh"
    )


def test_off_whatever_ran_before(as_alice, connection):
    connection.is_active = False
    connection.save()
    SyncRunFactory(connection=connection, trigger=Trigger.SAVE)
    assert state(as_alice)[0].startswith("Off People and groups")


def test_one_time_sync_of_an_inactive_connection(as_alice, connection):
    connection.is_active = False
    connection.save()
    SyncRunFactory(connection=connection, is_one_time=True)
    told = state(as_alice)[0]
    assert told.startswith("Synced")
    assert "One-time sync; automatic updates stay off." in told


def test_a_sync_of_one_group_does_not_hide_a_failure(as_alice, connection):
    SyncRunFactory(connection=connection, status=Status.FAILED)
    SyncRunFactory(connection=connection, trigger=Trigger.ONE)
    assert state(as_alice)[0].startswith("Sync failed")


def test_good_times_and_the_next_night(as_alice, acme, connection):
    acme.time_zone = "Europe/Berlin"
    acme.save()
    connection.people_good_at = timezone.now() - timedelta(hours=3)
    connection.next_auto_sync_at = datetime(2027, 1, 2, 23, 4, tzinfo=UTC)
    connection.save()
    told = state(as_alice)[0]
    assert "People and groups 3 hours ago Courses never" in told
    assert "Next nightly sync 3 Jan 2027, 00:04 (Europe/Berlin)" in told


def test_an_inactive_connection_tells_what_still_follows(as_alice, acme, connection):
    connection.is_active = False
    connection.save()
    for number, switches in enumerate([{"auto_sync": True}, {"auto_sync": True, "locked": True}]):
        group = GroupFactory(account=acme, **switches)
        GroupLink.objects.create(
            account=acme, connection=connection, group=group, integration_id=str(number)
        )
    assert "1 group still follows its team every night" in state(as_alice)[0]


def test_banner_while_nobody_is_told(as_alice, acme):
    assert "no Account Manager Email is set" in text(as_alice.get(STORE))
    acme.account_manager_email = "boss@acme.example"
    acme.save()
    assert "Account Manager Email" not in text(as_alice.get(STORE))


def test_queries_don_t_grow(as_alice, connection, django_assert_max_num_queries):
    for status in (Status.SYNCED, Status.FAILED, Status.RUNNING):
        SyncRunFactory(connection=connection, status=status)
    with django_assert_max_num_queries(12):
        assert "Syncing" in text(as_alice.get(STORE))


def test_card_says_why_the_last_sync_failed(as_alice, connection):
    run = SyncRunFactory(connection=connection, status=Status.FAILED, error_code="key_refused")
    page = as_alice.get(STORE)
    assert "Paper LMS refused the API key. Copy the key again from Paper LMS" in text(page)
    assert f'href="{STORE}paper/runs/{run.pk}/">See the log</a>' in page.text


def test_card_tells_of_held_changes(as_alice, connection):
    counts = {"HOLD.removals": 40, "FIGURE.leaving": 1240, "FIGURE.active": 3100}
    run = SyncRunFactory(connection=connection, status=Status.HELD, counts=counts)
    page = as_alice.get(STORE)
    assert "Some changes are held" in text(page)
    assert "None of them is made until you decide" in text(page)
    assert "1,240 of 3,100 people, 40 % (unusually many people at once)" in text(page)
    assert page.text.count(f'href="{STORE}paper/runs/{run.pk}/held/"') == 2
    SyncRunFactory(connection=connection)
    assert "until you decide" not in text(as_alice.get(STORE))


def test_card_leads_to_a_preview_that_nothing_came_after(as_alice, connection):
    run = SyncRunFactory(connection=connection, status=Status.PREVIEWED, is_preview=True)
    link = f'href="{STORE}paper/runs/{run.pk}/">See what would change</a>'
    assert link in as_alice.get(STORE).text
    SyncRunFactory(connection=connection)
    assert link not in as_alice.get(STORE).text


@pytest.mark.parametrize(
    ("minutes", "age", "is_told"),
    [(4, 9, False), (6, 9, True), (None, 6, True), (None, 4, False), (6, 4, True)],
)
def test_a_silent_scheduler_is_told(as_alice, connection, minutes, age, is_told):
    """In the first minutes it can't have been heard of."""
    connection.created_at = timezone.now() - timedelta(minutes=age)
    connection.save()
    if minutes:
        beat_at = timezone.now() - timedelta(minutes=minutes)
        Heartbeat.objects.create(name="tick", beat_at=beat_at)
    assert ("scheduler has not been heard of" in text(as_alice.get(STORE))) == is_told


def test_a_scheduler_that_is_not_needed_is_not_missed(as_alice):
    assert "scheduler" not in text(as_alice.get(STORE))
