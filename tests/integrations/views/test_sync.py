import pytest
import time_machine
from django.utils import timezone

from integrations.models import GroupLink, Status, SyncRun, Trigger
from tests.factories import GroupFactory, SyncRunFactory
from tests.integrations.views.conftest import HTMX, STORE, text

RUN_SYNC = f"{STORE}paper/sync/"
TEST = f"{STORE}paper/test/"
pytestmark = pytest.mark.usefixtures("in_acme")


@pytest.fixture
def off(connection):
    connection.is_active = False
    connection.save()
    return connection


@pytest.fixture
def group(acme, connection):
    made = GroupFactory(account=acme, name="Sales", source="paper")
    GroupLink.objects.create(
        account=acme, connection=connection, group=made, integration_id="t1", remote_name="Sales"
    )
    return made


def one(group):
    return f"{STORE}groups/{group.pk}/sync/"


def told(answer):
    return [str(message) for message in answer.wsgi_request._messages]


def opened():
    fields = ("trigger", "status", "is_one_time", "turns_auto_sync_on", "group")
    return list(SyncRun.objects.values_list(*fields))


@pytest.mark.parametrize("address", [RUN_SYNC, TEST])
def test_who_may_do_it(client, as_bob, as_charlie, as_alice, connection, address):
    assert as_bob.post(address).status_code == 403
    assert as_charlie.post(address).status_code == 404
    assert client.post(address)["Location"] == f"/login/?next={address}"
    assert as_alice.get(address).status_code == 405
    assert opened() == []


def test_run_sync_queues_one(as_alice, alice, connection):
    answer = as_alice.post(RUN_SYNC)
    assert (answer["Location"], told(answer)) == (STORE, ["Sync Queued"])
    assert opened() == [("MANUAL", "QUEUED", False, True, None)]
    assert SyncRun.objects.get().requested_by == alice


@pytest.mark.parametrize(("status", "word"), [("QUEUED", "queued"), ("RUNNING", "running")])
def test_run_sync_twice_queues_no_second(as_alice, connection, status, word):
    SyncRunFactory(connection=connection, status=status)
    answer = as_alice.post(RUN_SYNC)
    assert told(answer) == [f"A sync is already {word}. No second one was queued."]
    assert SyncRun.objects.count() == 1


def test_run_sync_of_an_inactive_one_asks_first(as_alice, off):
    page = as_alice.post(RUN_SYNC)
    assert "This is a one-time sync; automatic updates stay off." in text(page)
    assert "Turn Auto-Sync on for the groups this sync makes" in text(page)
    assert 'name="auto_sync" value="1" checked' in page.content.decode()
    assert as_alice.post(RUN_SYNC, headers=HTMX).content.startswith(b"<dialog")
    assert opened() == []


@pytest.mark.parametrize(("ticks", "turns_on"), [({"auto_sync": "1"}, True), ({}, False)])
def test_a_one_time_sync(as_alice, off, ticks, turns_on):
    answer = as_alice.post(RUN_SYNC, {"confirmed": "1", **ticks})
    assert told(answer) == ["Sync Queued"]
    assert opened() == [("MANUAL", "QUEUED", True, turns_on, None)]
    off.refresh_from_db()
    assert not off.is_active


def test_sync_of_one_group(as_alice, group):
    answer = as_alice.post(one(group), headers={"Referer": "http://testserver/groups/?page=2"})
    assert (answer["Location"], told(answer)) == (
        "http://testserver/groups/?page=2",
        ["Sync Queued"],
    )
    assert opened() == [(Trigger.ONE, Status.QUEUED, False, True, group.pk)]


def test_it_never_sends_anybody_elsewhere(as_alice, group):
    answer = as_alice.post(one(group), headers={"Referer": "https://evil.example/"})
    assert answer["Location"] == f"/groups/{group.pk}/"


@pytest.mark.parametrize(
    ("fields", "why"), [({"locked": True}, "is locked"), ({"is_archived": True}, "is archived")]
)
def test_a_locked_or_archived_group_is_left_alone(as_alice, group, fields, why):
    for name, value in fields.items():
        setattr(group, name, value)
    group.save()
    assert why in told(as_alice.post(one(group)))[0]
    assert opened() == []


def test_a_group_made_by_hand_has_nothing_to_sync_with(as_alice, acme):
    group = GroupFactory(account=acme, name="Board")
    assert told(as_alice.post(one(group))) == [
        "Board follows no team, so there is nothing to sync it with."
    ]


def test_who_may_sync_a_group(client, as_bob, as_charlie, group):
    assert as_bob.post(one(group)).status_code == 403
    assert as_charlie.post(one(group)).status_code == 404
    assert client.post(one(group)).status_code == 302
    assert opened() == []


def test_test_connection_uses_the_stored_key(as_alice, site, connection):
    page = as_alice.post(TEST)
    assert "Passed: Paper LMS can be reached Passed: The key is accepted" in text(page)
    assert site.asked == [("us", "good-key-0123456789")]
    assert as_alice.post(TEST, headers=HTMX).content.startswith(b"<dialog")
    assert b"good-key" not in page.content


def test_too_many_tests_are_refused_with_the_seconds(as_alice, site, connection):
    with time_machine.travel(timezone.now(), tick=False):
        for _ in range(5):
            as_alice.post(TEST)
        page = as_alice.post(TEST)
    assert "Test again in 60 seconds." in text(page)
    assert len(site.asked) == 5


def cancel(run):
    return f"{STORE}paper/runs/{run.pk}/cancel/"


def test_cancel_of_a_queued_sync(as_alice, connection):
    run = SyncRunFactory(connection=connection, status=Status.QUEUED)
    assert f'action="{cancel(run)}"' in as_alice.get(STORE).content.decode()
    answer = as_alice.post(cancel(run))
    assert answer["Location"] == f"{STORE}paper/runs/{run.pk}/"
    assert told(answer) == ["The sync was cancelled. Nothing was changed."]
    assert opened() == [("MANUAL", "CANCELLED", False, True, None)]
    assert told(as_alice.post(cancel(run)))[-1:] == ["The sync had ended already."]


def test_who_may_cancel(client, as_bob, as_charlie, as_alice, connection):
    run = SyncRunFactory(connection=connection, status=Status.QUEUED)
    assert as_bob.post(cancel(run)).status_code == 403
    assert as_charlie.post(cancel(run)).status_code == 404
    assert client.post(cancel(run))["Location"].startswith("/login/")
    assert as_alice.get(cancel(run)).status_code == 405
    assert opened() == [("MANUAL", "QUEUED", False, True, None)]


def test_cancel_is_shown_but_can_not_be_used_without_an_open_sync(as_alice, connection):
    assert "Cancel no sync is open" in text(as_alice.get(STORE))


@pytest.mark.parametrize(
    ("fields", "address"),
    [
        ({}, RUN_SYNC),
        ({"is_preview": True}, f"{STORE}paper/preview/"),
        ({"status": Status.SYNCED}, None),
        ({"status": Status.CANCELLED}, None),
    ],
)
def test_try_again_asks_for_the_same(as_alice, connection, fields, address):
    run = SyncRunFactory(
        connection=connection, **{"status": Status.FAILED, "error_code": "worker_lost", **fields}
    )
    page = as_alice.get(f"{STORE}paper/runs/{run.pk}/").content.decode()
    assert ("Try again" in page) == (address is not None)
    assert address is None or f'<form method="post" action="{address}">' in page


def test_try_again_of_one_group_and_of_an_undo(as_alice, connection, group):
    old = SyncRunFactory(connection=connection, status=Status.SYNCED)
    undo = SyncRunFactory(
        connection=connection, status=Status.FAILED, trigger=Trigger.UNDO, undoes=old
    )
    page = as_alice.get(f"{STORE}paper/runs/{undo.pk}/").content.decode()
    assert f'action="{STORE}paper/runs/{old.pk}/undo/"' in page
    last = SyncRunFactory(
        connection=connection, status=Status.FAILED, trigger=Trigger.ONE, group=group
    )
    assert one(group) in as_alice.get(f"{STORE}paper/runs/{last.pk}/").content.decode()
    assert "Try again with" not in text(as_alice.get(f"{STORE}paper/runs/{undo.pk}/"))


def test_try_again_stands_on_the_card(as_alice, connection):
    SyncRunFactory(connection=connection, status=Status.FAILED, error_code="worker_lost")
    assert "Try again with Paper LMS" in text(as_alice.get(STORE))
