import pytest
from django.contrib.messages import get_messages
from django.utils import timezone
from django_scopes import scope

from accounts import keyset
from groups.models import Group
from tests.factories import GroupFactory, GroupMembershipFactory, TargetFactory


@pytest.fixture
def sales(acme) -> Group:
    return GroupFactory(account=acme, name="Sales", source="litmos", auto_sync=True)


@pytest.fixture
def hand(acme) -> Group:
    return GroupFactory(account=acme, name="Hand")


def told(answer) -> list[str]:
    return [str(message) for message in get_messages(answer.wsgi_request)]


def member(group: Group, name: str, **values):
    person = {key: values.pop(key) for key in ("email", "left_source_at") if key in values}
    target = TargetFactory(account=group.account, name=name, **person)
    return GroupMembershipFactory(group=group, target=target, **values)


def names_in(answer) -> list[str]:
    return [each.target.name for each in answer.context["page"].rows]


def test_who_opens_a_group(client, as_alice, as_bob, as_charlie, sales):
    address = f"/groups/{sales.pk}/"
    assert client.get(address)["Location"] == f"/login/?next={address}"
    assert as_alice.get(address).status_code == 200
    assert as_bob.get(address).status_code == 200
    assert as_charlie.get(address).status_code == 404
    assert as_alice.get(f"/groups/{10**30}/").status_code == 404


def test_members_with_their_states(as_alice, sales):
    left = timezone.now()
    member(sales, "Ann")
    member(sales, "Ben", is_active=False, set_by="SYNC", left_source_at=left)
    member(sales, "Cem", is_active=False, set_by="PERSON")
    answer = as_alice.get(f"/groups/{sales.pk}/")
    assert names_in(answer) == ["Ann", "Ben", "Cem"]
    assert "by a sync" in answer.text
    assert "by an administrator" in answer.text
    assert answer.text.count("Left ") == 1
    assert "1 active" in answer.text


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("q=an", ["Ann"]),
        ("q=BEN%40EXAMPLE", ["Ben"]),
        ("state=active", ["Ann"]),
        ("state=inactive", ["Ben"]),
        ("state=active&q=ben", []),
        ("state=nonsense&page=0", ["Ann", "Ben"]),
    ],
)
def test_search_and_filter_of_members(as_alice, sales, query, names):
    member(sales, "Ann", email="a@example.com")
    member(sales, "Ben", email="ben@example.com", is_active=False)
    assert names_in(as_alice.get(f"/groups/{sales.pk}/?{query}")) == names


@pytest.mark.parametrize("count", [3, 60])
def test_queries_do_not_grow(as_alice, sales, count, django_assert_max_num_queries):
    GroupMembershipFactory.create_batch(count, group=sales)
    with django_assert_max_num_queries(8):
        as_alice.get(f"/groups/{sales.pk}/?state=active")


def test_a_page_has_100_members(as_alice, sales):
    GroupMembershipFactory.create_batch(101, group=sales)
    first = as_alice.get(f"/groups/{sales.pk}/")
    second = as_alice.get(f"/groups/{sales.pk}/?after={first.context['page'].following}")
    assert (len(names_in(first)), len(names_in(second))) == (100, 1)
    names = [*names_in(first), *names_in(second)]
    assert names == sorted(names)


def test_all_that_match_are_as_many_as_are_counted(as_alice, sales, monkeypatch):
    monkeypatch.setattr(keyset, "MOST_COUNTED", 3)
    GroupMembershipFactory.create_batch(3, group=sales)
    address = f"/groups/{sales.pk}/"
    assert "Select all 3 people that match" in as_alice.get(address).text
    GroupMembershipFactory(group=sales)
    assert "Select all people that match, more than 3" in as_alice.get(address).text


def test_the_three_switches(as_alice, sales):
    page = as_alice.get(f"/groups/{sales.pk}/").text
    for label in ("Auto-Sync", "Smart-Sync", "Lock"):
        assert f'<span class="form-check-label">{label}</span>' in page
    answer = as_alice.post(
        f"/groups/{sales.pk}/switches/", {"smart_sync": "on", "locked": "on", "name": "Mine"}
    )
    assert told(answer) == ["The settings of Sales are saved."]
    sales.refresh_from_db()
    assert (sales.auto_sync, sales.smart_sync, sales.locked) == (False, True, True)
    assert sales.name == "Sales"


def test_auto_sync_needs_a_source(as_alice, hand):
    assert "there is no source for it to follow" in as_alice.get(f"/groups/{hand.pk}/").text
    as_alice.post(f"/groups/{hand.pk}/switches/", {"auto_sync": "on", "locked": "on"})
    hand.refresh_from_db()
    assert (hand.auto_sync, hand.locked) == (False, True)


def test_nobody_else_changes_a_group(client, as_bob, as_charlie, sales, hand):
    for address in (f"/groups/{sales.pk}/switches/", f"/groups/{hand.pk}/rename/"):
        assert client.post(address, {"name": "x"}).status_code == 302
        assert as_bob.post(address, {"name": "x"}).status_code == 403
        assert as_charlie.post(address, {"name": "x"}).status_code == 404
    assert as_bob.post("/groups/new/", {"name": "x"}).status_code == 403
    assert as_bob.get("/groups/new/").status_code == 403
    sales.refresh_from_db()
    hand.refresh_from_db()
    assert (sales.auto_sync, hand.name) == (True, "Hand")
    with scope(account=hand.account):
        assert Group.objects.count() == 2


def test_a_new_group_is_made_by_hand(as_alice, acme):
    answer = as_alice.post("/groups/new/", {"name": "  Board  "}, follow=True)
    with scope(account=acme):
        group = Group.objects.get()
    assert (group.name, group.name_key, group.source) == ("Board", "board", "")
    assert answer.redirect_chain == [(f"/groups/{group.pk}/", 302)]
    assert "The group Board is there." in answer.text
    assert "Nobody is in this group yet" in answer.text


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("sALES", "Choose another name, or rename that group first."),
        ("Attic", "Restore that one under Manage Groups"),
        ("", "This field is required."),
        ("x" * 256, "at most 255 characters"),
        ("ß" * 200, "This name is too long."),
        ("a\x00b", "Null characters are not allowed."),
    ],
)
def test_a_name_that_can_not_be_is_told_with_its_cure(as_alice, sales, acme, name, error):
    GroupFactory(account=acme, name="Attic", is_archived=True)
    answer = as_alice.post("/groups/new/", {"name": name})
    assert answer.status_code == 200
    assert error in answer.text
    with scope(account=acme):
        assert Group.objects.count() == 2


def test_another_account_may_use_the_name(as_charlie, sales):
    assert as_charlie.post("/groups/new/", {"name": "Sales"}).status_code == 302


def test_rename_of_a_group_made_by_hand(as_alice, hand, sales):
    address = f"/groups/{hand.pk}/rename/"
    assert "Choose another name" in as_alice.post(address, {"name": "Sales"}).text
    assert as_alice.post(address, {"name": "HAND"}).status_code == 302
    hand.refresh_from_db()
    assert (hand.name, hand.name_key) == ("HAND", "hand")


def test_the_name_of_a_synced_group_is_its_source_s(as_alice, sales):
    assert as_alice.post(f"/groups/{sales.pk}/rename/", {"name": "x"}).status_code == 404
    page = as_alice.get(f"/groups/{sales.pk}/").text
    assert "which also decides the group's name" in page.replace("&#x27;", "'")
    assert "Rename" not in page


def test_a_name_taken_in_between_is_told(as_alice, hand, acme, monkeypatch):
    GroupFactory(account=acme, name="Taken")
    monkeypatch.setattr("groups.forms.group_of_name", lambda **_: None)
    page = as_alice.post(f"/groups/{hand.pk}/rename/", {"name": "Taken"}).text
    assert "There is a group of this name already." in page
