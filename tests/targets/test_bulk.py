"""Many targets at once, from their list."""

import pytest
from django.contrib.messages import get_messages
from django_scopes import scope, scopes_disabled

from accounts.models import AuditEvent
from targets.models import Target
from tests.factories import GroupFactory, GroupMembershipFactory, TargetFactory


@pytest.fixture
def people(acme):
    group = GroupFactory(account=acme)
    states = {"Ann": True, "Ben": True, "Cem": False}
    made = {}
    for name, is_active in states.items():
        made[name] = TargetFactory(
            account=acme, name=name, is_active=is_active, is_reachable=is_active
        )
        GroupMembershipFactory(group=group, target=made[name])
    return made


@scopes_disabled()
def states() -> dict[str, tuple[bool, bool]]:
    rows = Target.objects.values_list("name", "is_active", "is_reachable")
    return {name: (is_active, is_reachable) for name, is_active, is_reachable in rows}


BEFORE = {"Ann": (True, True), "Ben": (True, True), "Cem": (False, False)}


def post(client, people, action, *names, query="", **more):
    ticked = [people[name].pk for name in names]
    return client.post(f"/targets/bulk/{query}", {"action": action, "target": ticked, **more})


def told(answer) -> list[str]:
    return [str(message) for message in get_messages(answer.wsgi_request)]


def test_off_is_asked_for_first_and_then_done(as_alice, people, acme):
    answer = post(as_alice, people, "OFF", "Ann", "Cem")
    page = answer.content.decode()
    assert "Switch 2 people off everywhere?" in page
    assert page.count('name="target"') == 2
    assert 'name="all"' not in page
    assert states() == BEFORE

    answer = post(as_alice, people, "OFF", "Ann", "Cem", query="?sort=email", confirmed="1")
    assert answer["Location"] == "/targets/?sort=email"
    assert told(answer) == ["1 person is switched off now. 1 already were."]
    assert states() == {**BEFORE, "Ann": (False, False)}
    with scope(account=acme):
        events = AuditEvent.objects.filter(kind="TARGET_SWITCHED").values_list("subject", "after")
        assert list(events) == [("Ann", {"target_id": people["Ann"].pk, "is_active": False})]


def test_on_again(as_alice, people):
    answer = post(as_alice, people, "ON", "Cem")
    assert told(answer) == ["1 person is switched on now."]
    assert states() == {**BEFORE, "Cem": (True, True)}


def test_all_that_match_are_those_of_the_filter(as_alice, people):
    asked = post(as_alice, people, "OFF", query="?q=ben", all="1", seen="1").content.decode()
    assert "Switch 1 person off everywhere?" in asked
    assert ('name="all"' in asked, 'name="target"' in asked) == (True, False)
    assert '<input type="hidden" name="seen" value="1">' in asked
    post(as_alice, people, "OFF", query="?q=ben", all="1", seen="1", confirmed="1")
    assert states() == {**BEFORE, "Ben": (False, False)}


@pytest.mark.parametrize(
    ("query", "seen", "what"),
    [
        (
            "?group=999999",
            "3",
            "Nothing was changed: what “Group” asks for is no longer there. Choose the filter anew.",
        ),
        (
            "?status=active",
            "3",
            "Nothing was changed: 2 match the filter now, and another number did when you looked. "
            "Look again, then choose.",
        ),
        ("?q=zoe", "0", "Nothing was changed: nothing matches the filter any more."),
    ],
)
@pytest.mark.parametrize("action", ["ON", "OFF"])
def test_all_are_those_that_were_seen(as_alice, people, action, query, seen, what):
    answer = post(as_alice, people, action, query=query, all="1", seen=seen, confirmed="1")
    assert told(answer) == [what]
    assert states() == BEFORE


def test_a_submit_that_comes_twice_acts_once(as_alice, people):
    sent = {"query": "?status=active", "all": "1", "seen": "2", "confirmed": "1"}
    post(as_alice, people, "OFF", **sent)
    answer = post(as_alice, people, "OFF", **sent)
    assert told(answer)[-1] == "Nothing was changed: nothing matches the filter any more."


def test_the_list_sends_how_many_it_shows(as_alice, people):
    page = as_alice.get("/targets/?status=active").content.decode()
    assert '<input type="hidden" name="seen" value="2">' in page


@pytest.mark.parametrize(
    ("action", "names", "what"),
    [
        ("DANCE", ["Ann"], "Nothing was changed: choose an action first."),
        ("OFF", [], "Nothing was changed: tick at least one person first."),
    ],
)
def test_what_changes_nothing(as_alice, people, action, names, what):
    assert told(post(as_alice, people, action, *names, confirmed="1")) == [what]
    assert states() == BEFORE


def test_row_03_others_people_are_left_alone(as_charlie, people):
    answer = post(as_charlie, people, "OFF", "Ann", confirmed="1")
    assert told(answer) == ["Nothing was changed: tick at least one person first."]
    post(as_charlie, people, "OFF", all="1", seen="3", confirmed="1")
    assert states() == BEFORE


def test_a_viewer_has_no_boxes_and_no_say(as_bob, as_alice, people):
    assert "Select everybody on this page" in as_alice.get("/targets/").content.decode()
    assert "Select everybody on this page" not in as_bob.get("/targets/").content.decode()
    assert post(as_bob, people, "OFF", "Ann", confirmed="1").status_code == 403
    assert states() == BEFORE


def test_queries_do_not_grow(as_alice, people, acme, django_assert_max_num_queries):
    crowd = TargetFactory.create_batch(40, account=acme)
    with django_assert_max_num_queries(30):
        ticked = [one.pk for one in crowd]
        as_alice.post("/targets/bulk/", {"action": "OFF", "target": ticked, "confirmed": "1"})
    assert sum(not is_active for is_active, _ in states().values()) == 41
