"""Turn off and Remove: what stops, what stays, and what is said of it."""

import pytest

from accounts.models import AuditEvent
from groups.models import Group
from integrations.models import Connection, DefaultLms, GroupLink, Probe, Status, SyncRun
from integrations.services import save_connection, tick
from integrations.services.connections import ConnectionSettings
from targets.models import GroupMembership
from tests.factories import PASSWORD, GroupFactory, GroupMembershipFactory, SyncRunFactory
from tests.integrations.views.conftest import STORE, text

TURN_OFF, REMOVE = f"{STORE}paper/turn-off/", f"{STORE}paper/remove/"
pytestmark = pytest.mark.usefixtures("in_acme")


@pytest.fixture
def group(acme, connection):
    connection.default_lms = DefaultLms.ALL_GROUPS
    connection.save()
    made = GroupFactory(account=acme, name="Sales", source="paper", auto_sync=True)
    GroupLink.objects.create(
        account=acme, connection=connection, group=made, integration_id="t1", remote_name="Sales"
    )
    GroupMembershipFactory(account=acme, group=made)
    return made


@pytest.fixture
def confirmed(as_alice):
    """Alice has given her password a moment ago."""
    as_alice.post("/accounts/reauthenticate/", {"password": PASSWORD})
    return as_alice


def told(answer):
    return [str(message) for message in answer.wsgi_request._messages]


def state(connection, group):
    connection.refresh_from_db()
    group.refresh_from_db()
    return (connection.is_active, connection.default_lms, group.auto_sync)


def recorded():
    rows = AuditEvent.objects.filter(kind__startswith="INTEGRATION")
    return list(rows.values_list("kind", "subject", "after__groups_without_auto_sync"))


@pytest.mark.parametrize("address", [TURN_OFF, REMOVE])
def test_who_may(client, as_bob, as_charlie, connection, address):
    assert as_bob.get(address).status_code == 403
    assert as_charlie.get(address).status_code == 404
    assert client.get(address)["Location"] == f"/login/?next={address}"
    connection.refresh_from_db()
    assert connection.is_active


def test_what_goes_on_is_asked(as_alice, group):
    page = as_alice.get(TURN_OFF)
    assert "Turn Auto-Sync off for 1 group, which follows its team every night" in text(page)
    assert 'name="auto_sync" value="1" checked' in page.text
    assert 'name="default_lms" value="1">' in page.text


def test_nothing_to_ask(as_alice, connection):
    assert "What goes on" not in text(as_alice.get(TURN_OFF))


@pytest.mark.parametrize(
    ("ticks", "expected", "sentence"),
    [
        ({}, (False, "ALL_GROUPS", True), "Paper LMS is off. Settings turns it on again."),
        (
            {"auto_sync": "1", "default_lms": "1"},
            (False, "NONE", False),
            "Paper LMS is off. Auto-Sync is off for 1 group. Settings turns it on again.",
        ),
    ],
)
def test_turn_off(as_alice, connection, group, ticks, expected, sentence):
    assert told(as_alice.post(TURN_OFF, ticks)) == [sentence]
    assert state(connection, group) == expected
    assert recorded() == [("INTEGRATION_TURNED_OFF", "paper", len(ticks) // 2)]
    assert "Turn off it is off already" in text(as_alice.get(STORE))


def test_save_with_active_no_lists_what_goes_on(confirmed, connection, group):
    typed = {
        "region": connection.region,
        "sync_content": connection.sync_content,
        "default_lms": "ALL_GROUPS",
        "sync_all_groups": "yes",
        "action": "save",
    }
    answer = confirmed.post(f"{STORE}paper/setup/", typed)
    assert answer["Location"] == TURN_OFF
    assert told(answer) == [
        "Saved. The integration is off. What goes on all the same is listed here."
    ]
    page = text(confirmed.get(TURN_OFF))
    assert "Paper LMS is off" in page
    assert "Turn Auto-Sync off for 1 group, which follows its team every night" in page
    assert "Enrol no more people through Paper LMS by default" in page
    assert state(connection, group) == (False, "ALL_GROUPS", True)
    confirmed.post(TURN_OFF, {"auto_sync": "1"})
    assert state(connection, group) == (False, "ALL_GROUPS", False)


def test_turn_off_stops_what_runs_by_itself(as_alice, connection):
    run = SyncRunFactory(
        connection=connection, trigger="AUTO", status=Status.RUNNING, finished_at=None
    )
    as_alice.post(TURN_OFF)
    run.refresh_from_db()
    assert run.is_cancel_requested


@pytest.mark.parametrize(("default_lms", "is_told"), [("ALL_GROUPS", True), ("NONE", False)])
def test_remove_says_that_the_default_lms_ends(as_alice, connection, default_lms, is_told):
    connection.default_lms = default_lms
    connection.save()
    said = "It is no longer the Group Default LMS Connection"
    assert (said in text(as_alice.get(REMOVE))) == is_told


@pytest.mark.parametrize("typed", ["", "paper", "yes"])
def test_remove_wants_the_name(as_alice, connection, typed):
    answer = as_alice.post(REMOVE, {"name": typed})
    assert "Nothing was removed: type Paper LMS to say that you mean it." in text(answer)
    connection.refresh_from_db()
    assert connection.api_key_sealed


def test_remove(confirmed, connection, group, passed):
    passed()
    SyncRunFactory(connection=connection, status=Status.SYNCED)
    open_run = SyncRunFactory(connection=connection, status=Status.QUEUED, finished_at=None)
    before = list(GroupMembership.objects.values_list("group", "target", "is_active"))

    answer = confirmed.post(REMOVE, {"name": " paper lms "})

    assert told(answer) == [
        "Paper LMS is removed and its key is deleted. Groups, targets, courses and the sync history "
        "stay; Auto-Sync is off for 1 group."
    ]
    assert state(connection, group) == (False, "NONE", False)
    kept = (connection.api_key_sealed, connection.api_key_last4, connection.api_key_fingerprint)
    assert kept == ("", "", "")
    assert not Probe.objects.exists()
    open_run.refresh_from_db()
    assert open_run.status == Status.CANCELLED
    assert SyncRun.objects.count() == 2
    assert list(GroupMembership.objects.values_list("group", "target", "is_active")) == before
    assert GroupLink.objects.filter(group=group).exists()
    assert recorded() == [("INTEGRATION_REMOVED", "paper", 1)]


def test_after_that_it_is_not_set_up(confirmed, connection, group):
    confirmed.post(REMOVE, {"name": "Paper LMS"})
    said = text(confirmed.get(STORE))
    assert "Not set up Sync history Setup" in said
    assert confirmed.get(f"{STORE}paper/runs/").status_code == 200
    for address in ("sync/", "preview/", "test/", "people/sync/", "turn-off/", "remove/"):
        assert confirmed.post(f"{STORE}paper/{address}").status_code == 404
    answer = confirmed.post(f"{STORE}groups/{group.pk}/sync/")
    assert "followed an integration that was removed" in told(answer)[-1]
    assert tick().run_ids == []
    assert not SyncRun.objects.exists()


def test_it_can_be_set_up_again(confirmed, alice, acme, connection, group, passed):
    confirmed.post(REMOVE, {"name": "Paper LMS"})
    saved = save_connection(
        account=acme,
        user=alice,
        provider="paper",
        chosen=ConnectionSettings(region="us"),
        probe=passed(),
    )
    assert saved.connection == connection
    assert saved.run.status == Status.QUEUED
    assert Connection.objects.count() == 1
    assert Group.objects.get().links.get().connection == connection


def test_password_is_asked_for_and_then_it_goes_on(as_alice, connection):
    asked = as_alice.post(REMOVE, {"name": "Paper LMS"})
    assert asked["Location"].startswith("/accounts/reauthenticate/")
    connection.refresh_from_db()
    assert connection.api_key_sealed

    as_alice.post(asked["Location"], {"password": PASSWORD})

    connection.refresh_from_db()
    assert connection.api_key_sealed == ""
