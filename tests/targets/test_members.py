import pytest
from django.contrib.messages import get_messages
from django_scopes import scopes_disabled

from targets.models import GroupMembership
from tests.factories import GroupFactory, GroupMembershipFactory, TargetFactory


def told(answer) -> list[str]:
    return [str(message) for message in get_messages(answer.wsgi_request)]


@scopes_disabled()
def states() -> dict[str, tuple[bool, str]]:
    rows = GroupMembership.objects.select_related("target")
    return {row.target.name: (row.is_active, row.set_by) for row in rows}


@pytest.fixture
def group(acme):
    return GroupFactory(account=acme, source="litmos")


@pytest.fixture
def members(group):
    made = {
        "Ann": {"set_by": "SYNC"},
        "Ben": {"set_by": "SYNC", "is_active": False},
        "Cem": {"set_by": "PERSON"},
    }
    return {
        name: GroupMembershipFactory(
            group=group, target=TargetFactory(account=group.account, name=name), **values
        )
        for name, values in made.items()
    }


def post(client, group, members, action, *names, query="", **more):
    ticked = [members[name].pk for name in names]
    address = f"/targets/of-group/{group.pk}/{query}"
    return client.post(address, {"action": action, "member": ticked, **more})


def test_deactivated_by_a_person_also_whom_a_sync_had_off(as_alice, group, members):
    answer = post(as_alice, group, members, "deactivate", "Ann", "Ben", query="?q=n")
    assert answer["Location"] == f"/groups/{group.pk}/?q=n"
    assert told(answer) == ["1 person is now inactive in this group. 1 already were."]
    assert states() == {
        "Ann": (False, "PERSON"),
        "Ben": (False, "PERSON"),
        "Cem": (True, "PERSON"),
    }


def test_activated_again(as_alice, group, members):
    answer = post(as_alice, group, members, "activate", "Ben")
    assert told(answer) == ["1 person is now active in this group."]
    assert states()["Ben"] == (True, "PERSON")
    assert states()["Ann"] == (True, "SYNC")


def test_all_that_match(as_alice, group, members):
    other = GroupMembershipFactory(group=GroupFactory(account=group.account))
    answer = post(as_alice, group, members, "deactivate", query="?state=active", all="1", seen="2")
    assert told(answer) == ["2 people are now inactive in this group."]
    other.refresh_from_db()
    assert other.is_active
    assert {name: state[0] for name, state in states().items() if name in members} == {
        "Ann": False,
        "Ben": False,
        "Cem": False,
    }


@pytest.mark.parametrize(("query", "seen"), [("?state=odd", "3"), ("?state=active", "3")])
def test_all_are_those_that_were_seen(as_alice, group, members, query, seen):
    before = states()
    answer = post(as_alice, group, members, "deactivate", query=query, all="1", seen=seen)
    assert [message.startswith("Nothing was changed:") for message in told(answer)] == [True]
    assert states() == before


def test_nothing_ticked_or_no_action(as_alice, group, members):
    before = states()
    other = GroupMembershipFactory(group=GroupFactory(account=group.account))
    none = ["Nothing was changed: tick at least one person first."]
    assert told(post(as_alice, group, members, "deactivate")) == none
    foreign = as_alice.post(
        f"/targets/of-group/{group.pk}/",
        {"action": "deactivate", "member": [other.pk, str(10**30), "x"]},
    )
    assert told(foreign)[-1:] == none
    assert told(post(as_alice, group, members, "remove", "Ann"))[-1:] == [
        "Nothing was changed: choose an action first."
    ]
    assert before.items() <= states().items()


def test_nobody_else_changes_them(client, as_bob, as_charlie, group, members):
    before = states()
    answers = [
        post(each, group, members, "deactivate", "Ann") for each in (client, as_bob, as_charlie)
    ]
    assert [answer.status_code for answer in answers] == [302, 403, 404]
    assert states() == before
