import pytest
from django.contrib.messages import get_messages
from django_scopes import scopes_disabled

from groups.models import Group
from tests.factories import GroupFactory

SWITCHES = ("auto_sync", "smart_sync", "locked", "is_archived")


def told(answer) -> list[str]:
    return [str(message) for message in get_messages(answer.wsgi_request)]


@scopes_disabled()
def states() -> dict[str, set[str]]:
    return {
        group.name: {name for name in SWITCHES if getattr(group, name)}
        for group in Group.objects.all()
    }


@pytest.fixture
def groups(acme) -> dict[str, Group]:
    made = [
        GroupFactory(account=acme, name="On", source="litmos", auto_sync=True, smart_sync=True),
        GroupFactory(account=acme, name="Off", source="litmos"),
        GroupFactory(account=acme, name="Hand"),
        GroupFactory(account=acme, name="Shut", source="litmos", locked=True, is_archived=True),
    ]
    return {group.name: group for group in made}


def post(client, groups, action, *names, query="", **more):
    ticked = [groups[name].pk for name in names]
    return client.post(f"/groups/bulk/{query}", {"action": action, "group": ticked, **more})


@pytest.mark.parametrize(
    ("action", "changed", "message"),
    [
        (
            "AUTO_SYNC_ON",
            {"Off": {"auto_sync"}},
            "Auto-Sync turned on for 1 group. 2 left as they were: "
            "1 made by hand, with no source to follow; 1 had it on already.",
        ),
        (
            "AUTO_SYNC_OFF",
            {"On": {"smart_sync"}},
            "Auto-Sync turned off for 1 group. 2 left as they were: 2 had it off already.",
        ),
        (
            "SMART_SYNC_ON",
            {"Off": {"smart_sync"}, "Hand": {"smart_sync"}},
            "Smart-Sync turned on for 2 groups. 1 left as it was: 1 had it on already.",
        ),
        (
            "SMART_SYNC_OFF",
            {"On": {"auto_sync"}},
            "Smart-Sync turned off for 1 group. 2 left as they were: 2 had it off already.",
        ),
        (
            "LOCK",
            {"On": {"auto_sync", "smart_sync", "locked"}, "Off": {"locked"}, "Hand": {"locked"}},
            "Locked 3 groups.",
        ),
    ],
)
def test_an_action_on_the_selection(as_alice, groups, action, changed, message):
    before = states()
    answer = post(as_alice, groups, action, "On", "Off", "Hand")
    assert answer["Location"] == "/groups/"
    assert told(answer) == [message]
    assert states() == before | changed


@pytest.mark.parametrize(
    ("action", "left", "message"),
    [
        ("UNLOCK", {"is_archived"}, "Unlocked 1 group. 1 left as it was: 1 not locked."),
        ("RESTORE", {"locked"}, "Restored 1 group. 1 left as it was: 1 not archived."),
    ],
)
def test_what_was_shut_opens_again(as_alice, groups, action, left, message):
    answer = post(as_alice, groups, action, "Shut", "Hand")
    assert told(answer) == [message]
    assert states()["Shut"] == left


def test_all_that_match_the_filter_and_nothing_else(as_alice, groups, acme):
    GroupFactory.create_batch(60, account=acme, source="litmos")
    answer = post(
        as_alice, groups, "LOCK", query="?source=litmos&auto_sync=off", all="1", seen="61"
    )
    assert answer["Location"] == "/groups/?source=litmos&auto_sync=off"
    assert told(answer) == ["Locked 61 groups."]
    unlocked = {name for name, state in states().items() if "locked" not in state}
    assert unlocked == {"On", "Hand"}


@pytest.mark.parametrize("address", ["/groups/bulk/", "/groups/lms/"])
@pytest.mark.parametrize(
    ("query", "seen", "message"),
    [
        (
            "?source=moodle",
            "3",
            "Nothing was changed: what “Source” asks for is no longer there. Choose the filter anew.",
        ),
        (
            "",
            "2",
            "Nothing was changed: 3 match the filter now, and another number did when you looked. "
            "Look again, then choose.",
        ),
    ],
)
def test_all_are_those_that_were_seen(as_alice, groups, address, query, seen, message):
    before = states()
    sent = {"action": "ARCHIVE", "confirmed": "1", "lms": "none", "all": "1", "seen": seen}
    answer = as_alice.post(f"{address}{query}", sent)
    assert told(answer) == [message]
    assert states() == before


def test_archiving_asks_first(as_alice, groups):
    before = states()
    answer = post(as_alice, groups, "ARCHIVE", "On", "Hand", query="?q=x")
    assert answer.status_code == 200
    assert "Archive 2 groups?" in answer.text
    assert "On" in answer.text and "Hand" in answer.text
    assert 'action="/groups/bulk/?q=x"' in answer.text
    assert states() == before
    answer = post(as_alice, groups, "ARCHIVE", "On", "Hand", confirmed="1")
    assert told(answer) == ["Archived 2 groups."]
    archived = {name for name, state in states().items() if "is_archived" in state}
    assert archived == {"On", "Hand", "Shut"}


def test_archiving_all_that_match_lists_the_first_and_counts_the_rest(as_alice, groups, acme):
    GroupFactory.create_batch(120, account=acme)
    page = post(as_alice, groups, "ARCHIVE", all="1", seen="123").text
    assert "Archive 123 groups?" in page
    assert "and 23 more" in page
    assert 'name="all"' in page
    assert 'name="group"' not in page


@pytest.mark.parametrize(
    ("action", "ticked", "message"),
    [
        ("LOCK", [], "Nothing was changed: tick at least one group first."),
        (
            "LOCK",
            ["x", "-1", str(10**30), "0"],
            "Nothing was changed: tick at least one group first.",
        ),
        ("", ["1"], "Nothing was changed: choose an action first."),
        ("DELETE", ["1"], "Nothing was changed: choose an action first."),
    ],
)
def test_an_empty_selection_or_no_action_changes_nothing(as_alice, groups, action, ticked, message):
    before = states()
    answer = as_alice.post("/groups/bulk/", {"action": action, "group": ticked})
    assert told(answer) == [message]
    assert states() == before


def test_nobody_else_changes_them(client, as_bob, as_charlie, groups):
    before = states()
    assert post(client, groups, "LOCK", "On").status_code == 302
    assert post(as_bob, groups, "LOCK", "On").status_code == 403
    none = "Nothing was changed: tick at least one group first."
    assert told(post(as_charlie, groups, "LOCK", "On")) == [none]
    nothing = "Nothing was changed: nothing matches the filter any more."
    assert told(post(as_charlie, groups, "LOCK", all="1", seen="3"))[-1] == nothing
    assert states() == before


def test_a_get_changes_nothing(as_alice):
    assert as_alice.get("/groups/bulk/?action=LOCK&all=1").status_code == 405
