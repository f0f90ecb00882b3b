"""Which groups a run covers: chosen teams, locks, nights, one group, Courses Only."""

import pytest

from groups.models import Group
from integrations.models import ChosenTeam, Connection, GroupLink
from targets.models import Target
from tests.integrations.sync.states import courses, log, memberships

pytestmark = pytest.mark.django_db


def switch(name: str, **values) -> None:
    Group.objects.filter(name=name).update(**values)


def choose(connection, *teams: str) -> None:
    Connection.objects.filter(pk=connection.pk).update(sync_all_groups=False)
    connection.refresh_from_db()
    ChosenTeam.objects.all().delete()
    for team in teams:
        ChosenTeam.objects.create(
            account=connection.account, connection=connection, integration_id=team, name=team
        )


def everything_changes(remote) -> None:
    """A joiner and a leaver in each team, and a new team."""
    remote.members["T1"].remove("P2")
    remote.person("N1", "new1@acme.example", "T1", name="New One")
    remote.members["T2"].remove("P2")
    remote.person("N2", "new2@acme.example", "T2", name="New Two")
    remote.team("T3", "Legal")
    remote.person("N3", "new3@acme.example", "T3", name="New Three")


def test_only_chosen_teams_come_over(sync, connection, remote):
    choose(connection, "T2")
    run = sync()

    assert memberships() == {"Support": {"bo@acme.example": True, "cy@acme.example": True}}
    assert ("PERSON", "SKIP", "Ann Lee", "IN_NO_TEAM", "SKIPPED") in log(run)
    assert run.calls == 1 + 1 + 1 + 1 + 1


def test_unticked_team_leaves_its_group_with_its_people(sync, connection, remote):
    sync()
    before = memberships()
    choose(connection, "T2")

    run = sync()

    assert memberships() == before
    group = Group.objects.get(name="Sales")
    assert (group.source, group.auto_sync) == ("", False)
    assert not GroupLink.objects.filter(group=group).exists()
    assert log(run) == [("GROUP", "UNLINK", "Sales", "NOT_CHOSEN", "APPLIED")]
    assert log(sync()) == []


def test_courses_only_lets_the_groups_go_and_reads_no_people(sync, connection, remote):
    sync()
    before = memberships()
    Connection.objects.update(sync_content="COURSES")
    connection.refresh_from_db()

    run = sync()

    assert (memberships(), courses()) == (before, {"Phishing basics": True})
    assert {row[3] for row in log(run)} == {"NO_LONGER_USERS"}
    assert run.calls == 1


def test_locked_group_never_changes(sync, remote):
    sync()
    switch("Sales", locked=True)
    before = memberships()["Sales"]
    everything_changes(remote)

    run = sync()

    assert memberships()["Sales"] == before
    assert ("GROUP", "SKIP", "Sales", "LOCKED", "SKIPPED") in log(run)
    assert memberships()["Support"] == {
        "bo@acme.example": False,
        "cy@acme.example": True,
        "new2@acme.example": True,
    }


def test_person_gone_from_litmos_stays_in_a_locked_group(sync, remote):
    sync()
    switch("Sales", locked=True)
    remote.people["P2"]["is_active"] = False

    sync()

    assert memberships()["Sales"]["bo@acme.example"] is True
    assert memberships()["Support"]["bo@acme.example"] is False
    assert Target.objects.get(email="bo@acme.example").left_source_at is not None


def test_night_follows_groups_with_auto_sync_and_takes_new_teams(sync, remote):
    sync()
    switch("Sales", auto_sync=False)
    before = memberships()["Sales"]
    everything_changes(remote)

    sync(trigger="AUTO")

    assert memberships() == {
        "Sales": before,
        "Support": {
            "bo@acme.example": False,
            "cy@acme.example": True,
            "new2@acme.example": True,
        },
        "Legal": {"new3@acme.example": True},
    }


def test_night_of_an_inactive_connection_follows_auto_sync_only(sync, connection, remote):
    sync()
    switch("Sales", auto_sync=False)
    Connection.objects.update(is_active=False)
    connection.refresh_from_db()
    before = memberships()["Sales"]
    everything_changes(remote)
    remote.course("C2", "New course")

    sync(trigger="AUTO")

    assert sorted(memberships()) == ["Sales", "Support"]
    assert memberships()["Sales"] == before
    assert memberships()["Support"]["new2@acme.example"] is True
    assert courses() == {"Phishing basics": True}


def test_sync_by_hand_covers_groups_whose_auto_sync_is_off(sync, remote):
    sync()
    switch("Sales", auto_sync=False)
    everything_changes(remote)

    sync()

    assert memberships()["Sales"]["new1@acme.example"] is True
    assert Group.objects.get(name="Sales").auto_sync is False


def test_one_group_alone(sync, remote):
    sync()
    support = memberships()["Support"]
    everything_changes(remote)
    remote.course("C2", "New course")

    run = sync(trigger="ONE", group=Group.objects.get(name="Sales"))

    assert run.status == "SYNCED"
    assert memberships() == {
        "Sales": {"ann@acme.example": True, "bo@acme.example": False, "new1@acme.example": True},
        "Support": support,
    }
    assert log(run) == [
        ("MEMBERSHIP", "DEACTIVATE", "Bo Ek", "LEFT_TEAM", "APPLIED"),
        ("PERSON", "CREATE", "New One", "", "APPLIED"),
    ]
    assert courses() == {"Phishing basics": True}


def test_one_time_sync_can_leave_auto_sync_off(sync, connection, remote):
    Connection.objects.update(is_active=False)
    connection.refresh_from_db()
    sync(turns_auto_sync_on=False)
    assert set(Group.objects.values_list("auto_sync", flat=True)) == {False}


def test_groups_made_by_a_sync_have_auto_sync_on(sync):
    sync()
    assert set(Group.objects.values_list("auto_sync", "source")) == {(True, "litmos")}


@pytest.mark.parametrize("field", ["locked", "is_archived"])
def test_one_group_that_may_not_be_touched(sync, connection, remote, field):
    sync()
    switch("Sales", **{field: True})
    before = memberships()
    everything_changes(remote)

    run = sync(trigger="ONE", group=Group.objects.get(name="Sales"))

    assert memberships() == before
    assert [row[1] for row in log(run)] == ["SKIP"]
