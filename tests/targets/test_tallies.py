"""What lists show and sort by is kept, so it must be what counting would find."""

import pytest
from django_scopes import scope

from groups.models import Group
from targets import services, tallies
from targets.models import GroupMembership, Tally, Target
from tests.factories import GroupFactory, GroupMembershipFactory, TargetFactory
from tests.tallies import differing


@pytest.fixture
def in_acme(acme):
    with scope(account=acme):
        yield acme


@pytest.fixture
def sales(in_acme) -> Group:
    return GroupFactory(account=in_acme, name="Sales")


@pytest.fixture
def ann(sales) -> Target:
    return GroupMembershipFactory(group=sales).target


def kept(group: Group, target: Target) -> tuple[int, bool]:
    group.refresh_from_db()
    target.refresh_from_db()
    return group.people, target.is_reachable


def test_switching_a_person_in_a_group(sales, ann):
    members = GroupMembership.objects.filter(group=sales)
    assert kept(sales, ann) == (1, True)
    services.set_memberships(memberships=members, is_active=False)
    assert kept(sales, ann) == (0, False)
    services.set_memberships(memberships=members.filter(is_active=False), is_active=True)
    assert kept(sales, ann) == (1, True)


def test_off_in_one_of_two_groups(acme, sales, ann):
    board = GroupMembershipFactory(group=GroupFactory(account=acme), target=ann).group
    members = GroupMembership.objects.filter(group=sales)
    services.set_memberships(memberships=members, is_active=False)
    assert kept(sales, ann) == (0, True)
    assert kept(board, ann) == (1, True)


def test_switching_a_person_off_everywhere(sales, ann):
    services.set_active(target=ann, is_active=False)
    assert kept(sales, ann) == (1, False)
    services.set_active(target=ann, is_active=True)
    assert kept(sales, ann) == (1, True)


def test_counting_again_mends_what_is_wrong(acme, globex, sales, ann):
    stranger = TargetFactory(account=globex, is_reachable=True)
    TargetFactory(account=acme, source="litmos")
    Group.objects.update(people=7)
    Target.objects.filter(account=acme).update(is_reachable=False)
    Target.objects.filter(source="litmos").update(is_reachable=True)
    assert differing(acme) != []
    tallies.recount(acme)
    assert differing(acme) == []
    assert Tally.objects.get().targets == 2
    assert Tally.objects.get().sources == ["litmos"]
    stranger.refresh_from_db()
    assert stranger.is_reachable
