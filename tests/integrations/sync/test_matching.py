"""Who is who: by Litmos Id, then by e-mail; teams by id, then by name."""

import pytest

from groups.models import Group
from integrations.models import Connection, GroupLink, TargetLink
from targets.models import GroupMembership, SetBy, Target
from tests.integrations.sync.states import log, memberships, people

pytestmark = pytest.mark.django_db


@pytest.fixture
def by_hand(scoped):
    """A group made by hand with one person whom Litmos knows and one whom it does not."""
    group = Group.objects.create(account=scoped, name=" sALES ".strip(), smart_sync=True)
    for email, name in (("ANN@acme.example", "Annie"), ("zoe@acme.example", "Zoe")):
        target = Target.objects.create(
            account=scoped, email=email, email_key=email.casefold(), name=name
        )
        GroupMembership.objects.create(account=scoped, group=group, target=target)
    return group


def test_group_of_the_same_name_is_adopted(sync, by_hand):
    run = sync()

    by_hand.refresh_from_db()
    assert (by_hand.name, by_hand.source, by_hand.auto_sync, by_hand.smart_sync) == (
        "Sales",
        "litmos",
        True,
        True,
    )
    assert memberships() == {
        "Sales": {"ann@acme.example": True, "bo@acme.example": True, "zoe@acme.example": False},
        "Support": {"bo@acme.example": True, "cy@acme.example": True},
    }
    assert [row for row in log(run) if row[2] in ("Sales", "Ann Lee", "Zoe")] == [
        ("GROUP", "ADOPT", "Sales", "", "APPLIED"),
        ("MEMBERSHIP", "DEACTIVATE", "Zoe", "NOT_IN_TEAM", "APPLIED"),
        ("PERSON", "UPDATE", "Ann Lee", "MATCHED_BY_EMAIL", "APPLIED"),
    ]


def test_group_of_another_integration_is_never_taken(sync, by_hand, scoped):
    other = Connection.objects.create(account=scoped, provider="other", region="x")
    GroupLink.objects.create(
        account=scoped, connection=other, group=by_hand, integration_id="T1", remote_name="sALES"
    )
    before = memberships()["sALES"]

    run = sync()

    assert memberships()["sALES"] == before
    assert ("GROUP", "SKIP", "Sales", "OTHER_INTEGRATION", "SKIPPED") in log(run)
    assert run.status == "WARNINGS"


def test_locked_group_of_the_same_name_stays_as_it_is(sync, by_hand):
    Group.objects.filter(pk=by_hand.pk).update(locked=True)
    before = memberships()["sALES"]

    run = sync()

    assert memberships()["sALES"] == before
    assert ("GROUP", "SKIP", "Sales", "LOCKED", "SKIPPED") in log(run)


def test_second_of_two_teams_of_one_name_gets_a_suffix(sync, remote):
    remote.team("T3", "sales")
    remote.person("P4", "di@acme.example", "T3")

    run = sync()

    assert memberships()["sales (2)"] == {"di@acme.example": True}
    assert ("NOTE", "WARN", "sales", "SAME_NAME", "SKIPPED") in log(run)
    assert sync().status == "SYNCED"


def test_renamed_team_renames_its_group(sync, remote):
    sync()
    group = Group.objects.get(name="Sales")
    remote.teams["T1"] = "Field sales"

    run = sync()

    group.refresh_from_db()
    assert (group.name, group.name_key) == ("Field sales", "field sales")
    assert log(run) == [("GROUP", "UPDATE", "Field sales", "", "APPLIED")]


def test_rename_to_a_name_that_is_taken_waits(sync, remote):
    sync()
    remote.teams["T1"] = "SUPPORT"

    run = sync()

    assert sorted(memberships()) == ["Sales", "Support"]
    assert log(run) == [("GROUP", "SKIP", "SUPPORT", "NAME_TAKEN", "SKIPPED")]
    remote.teams["T2"] = "Help desk"
    sync()
    sync()
    assert sorted(memberships()) == ["Help desk", "SUPPORT"]


def test_new_address_of_the_same_person_is_an_update(sync, remote):
    sync()
    target = Target.objects.get(email="ann@acme.example")
    remote.people["P1"]["email"] = "ann.lee@acme.example"

    run = sync()

    target.refresh_from_db()
    assert target.email == "ann.lee@acme.example"
    assert log(run) == [("PERSON", "UPDATE", "Ann Lee", "", "APPLIED")]
    row = run.changes.get()
    assert (row.before, row.after) == (
        {"email": "ann@acme.example"},
        {"email": "ann.lee@acme.example"},
    )


def test_person_made_anew_keeps_the_target(sync, remote):
    sync()
    target = Target.objects.get(email="ann@acme.example")
    remote.people["P9"] = remote.people.pop("P1")
    remote.members["T1"] = {"P9", "P2"}

    run = sync()

    assert log(run) == [("PERSON", "UPDATE", "Ann Lee", "RECREATED", "APPLIED")]
    assert TargetLink.objects.get(target=target).integration_id == "P9"
    assert Target.objects.count() == 3
    assert memberships()["Sales"] == {"ann@acme.example": True, "bo@acme.example": True}
    assert log(sync()) == []


def test_of_two_people_with_one_address_one_comes_over(sync, remote):
    remote.person("P0", "ANN@acme.example", "T2", name="Other Ann")

    run = sync()

    assert people()["ANN@acme.example"] == "Other Ann"
    assert ("PERSON", "SKIP", "Ann Lee", "EMAIL_TAKEN", "SKIPPED") in log(run)
    assert run.status == "SYNCED"
    again = sync()
    assert log(again) == [("PERSON", "SKIP", "Ann Lee", "EMAIL_TAKEN", "SKIPPED")]


def test_address_handed_on_comes_a_sync_later(sync, remote):
    sync()
    remote.people["P1"]["email"] = "new@acme.example"
    remote.person("P0", "ann@acme.example", "T1", name="Ann Two")

    first = sync()
    assert log(first) == [
        ("PERSON", "SKIP", "Ann Two", "EMAIL_TAKEN", "SKIPPED"),
        ("PERSON", "UPDATE", "Ann Lee", "", "APPLIED"),
    ]
    second = sync()
    assert log(second) == [("PERSON", "CREATE", "Ann Two", "", "APPLIED")]
    assert people()["ann@acme.example"] == "Ann Two"


def test_who_does_not_come_over_has_a_row_with_the_reason(sync, remote):
    remote.person("X1", "", "T1", name="No Mail")
    remote.person("X2", "nobody@", "T1", name="Bad Mail")
    remote.person("X3", "alone@acme.example", "", name="Alone")
    remote.person("X4", "off@acme.example", "T1", name="Off", is_active=False)
    remote.person("X5", "odd@acme.example", "T1", name="Odd")
    remote.unreadable.add("X5")

    run = sync()

    assert [row for row in log(run) if row[1] == "SKIP"] == [
        ("PERSON", "SKIP", "Alone", "IN_NO_TEAM", "SKIPPED"),
        ("PERSON", "SKIP", "Bad Mail", "INVALID_EMAIL", "SKIPPED"),
        ("PERSON", "SKIP", "No Mail", "NO_EMAIL", "SKIPPED"),
        ("PERSON", "SKIP", "Off", "INACTIVE_REMOTE", "SKIPPED"),
        ("PERSON", "SKIP", "X5", "UNREADABLE", "SKIPPED"),
    ]
    assert len(people()) == 3


def test_what_an_administrator_switched_off_stays_off(sync, remote):
    sync()
    GroupMembership.objects.filter(target__email="bo@acme.example", group__name="Sales").update(
        is_active=False, set_by=SetBy.PERSON
    )
    sync()
    remote.members["T1"].remove("P2")
    sync()
    remote.members["T1"].add("P2")
    run = sync()

    assert memberships()["Sales"]["bo@acme.example"] is False
    assert log(run) == []
