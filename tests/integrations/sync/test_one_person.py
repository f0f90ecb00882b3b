"""Sync this person: the rules of a whole sync for one, in a few calls, and nobody else is touched."""

import pytest
from django.db.models import F

from groups.models import Group
from integrations.contract.errors import Retryable
from integrations.models import Connection, SyncRun, TargetLink
from targets.models import GroupMembership, Target
from tests.integrations.sync.states import log, memberships, people

pytestmark = pytest.mark.django_db


@pytest.fixture
def sync_one(sync):
    def sync_one(person_id: str) -> SyncRun:
        return sync("PERSON", person_id=person_id)

    return sync_one


@pytest.fixture
def whole(sync):
    sync()
    return memberships(), people()


def test_nothing_to_do(sync_one, whole):
    run = sync_one("P2")

    assert (run.status, run.calls) == ("SYNCED", 3)
    assert log(run) == []
    assert (memberships(), people()) == whole
    assert run.evidence == [
        {
            "step": "FOUND",
            "passed": True,
            "code": "",
            "args": {"name": "Bo Ek", "email": "bo@acme.example"},
        },
        {
            "step": "SCOPE",
            "passed": True,
            "code": "",
            "args": {"inside": ["Sales", "Support"], "outside": []},
        },
    ]


def test_new_person_comes_in_alone(sync_one, whole, remote):
    remote.person("P8", "di@acme.example", "T1", name="Di Ax")
    remote.person("P9", "ed@acme.example", "T1", name="Ed Bo")

    run = sync_one("P8")

    assert run.status == "SYNCED"
    assert log(run) == [("PERSON", "CREATE", "Di Ax", "", "APPLIED")]
    assert people() == {**whole[1], "di@acme.example": "Di Ax"}
    assert memberships()["Sales"] == {**whole[0]["Sales"], "di@acme.example": True}


def test_fields_and_teams_of_one_follow_and_nobody_elses(sync_one, whole, remote):
    remote.people["P2"]["name"] = "Bo Eklund"
    remote.members["T1"].remove("P2")
    remote.people["P1"]["name"] = "Someone Else"
    remote.members["T1"].remove("P1")

    run = sync_one("P2")

    assert log(run) == [
        ("MEMBERSHIP", "DEACTIVATE", "Bo Eklund", "LEFT_TEAM", "APPLIED"),
        ("PERSON", "UPDATE", "Bo Eklund", "", "APPLIED"),
    ]
    expected = {**whole[0], "Sales": {**whole[0]["Sales"], "bo@acme.example": False}}
    assert memberships() == expected
    assert people() == {**whole[1], "bo@acme.example": "Bo Eklund"}


@pytest.mark.parametrize(
    ("change", "reason", "code"),
    [
        (lambda remote: remote.people.pop("P2"), "GONE", "NOT_FOUND"),
        (lambda remote: remote.people["P2"].update(is_active=False), "INACTIVE_REMOTE", "INACTIVE"),
        (lambda remote: [team.discard("P2") for team in remote.members.values()], "NO_TEAM", ""),
    ],
)
def test_the_three_ways_to_leave(sync_one, whole, remote, change, reason, code):
    change(remote)

    run = sync_one("P2")

    assert [row[3] for row in log(run)] == [reason]
    assert run.evidence[0]["code"] == code
    assert memberships() == {
        "Sales": {"ann@acme.example": True, "bo@acme.example": False},
        "Support": {"bo@acme.example": False, "cy@acme.example": True},
    }
    assert (TargetLink.objects.get(integration_id="P2").gone_at is None) == (reason == "NO_TEAM")


def test_last_one_of_a_team_may_leave_it(sync_one, whole, remote):
    """An emptied team holds a whole sync; here somebody asked about this one person."""
    remote.members["T2"].clear()

    run = sync_one("P3")

    assert [row[3:] for row in log(run)] == [("NO_TEAM", "APPLIED")]
    assert memberships()["Support"] == {"bo@acme.example": True, "cy@acme.example": False}


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"email": ""}, "NO_EMAIL"),
        ({"email": "nonsense"}, "INVALID_EMAIL"),
        ({"email": "ann@acme.example"}, "EMAIL_TAKEN"),
    ],
)
def test_who_does_not_come_over_is_told(sync_one, whole, remote, fields, reason):
    remote.person("P8", "di@acme.example", "T1", name="Di Ax")
    remote.people["P8"].update(fields)

    run = sync_one("P8")

    assert [row[1:4] for row in log(run)] == [("SKIP", "Di Ax", reason)]
    assert (memberships(), people()) == whole


def test_address_of_somebody_who_is_gone_is_free(sync_one, whole, remote):
    remote.people.pop("P1")
    remote.person("P8", "ann@acme.example", "T1", name="Ann Lee")

    run = sync_one("P8")

    assert [row[3] for row in log(run)] == ["RECREATED"]
    assert TargetLink.objects.get(target__email="ann@acme.example").integration_id == "P8"
    assert run.calls == 4


def test_team_without_a_group_waits_for_a_whole_sync(sync_one, whole, remote):
    remote.team("T9", "New team")
    remote.person("P8", "di@acme.example", "T9", name="Di Ax")

    run = sync_one("P8")

    assert [row[1:4] for row in log(run)] == [("SKIP", "Di Ax", "IN_NO_TEAM")]
    assert (run.evidence[1]["code"], run.evidence[1]["args"]) == (
        "OTHER_TEAMS",
        {"inside": [], "outside": ["New team"]},
    )
    assert not Group.objects.filter(name="New team").exists()


def test_locked_group_is_left_alone(sync_one, whole, remote):
    Group.objects.filter(name="Sales").update(locked=True)
    remote.members["T1"].remove("P2")

    run = sync_one("P2")

    assert log(run) == []
    assert memberships() == whole[0]


def test_team_that_is_gone_is_for_a_whole_sync_to_find(sync_one, whole, remote):
    remote.teams.pop("T2")
    remote.members.pop("T2")

    run = sync_one("P2")

    assert log(run) == []
    assert memberships() == whole[0]
    assert not Group.objects.filter(links__gone_at__isnull=False).exists()


def test_what_an_administrator_switched_off_stays_off(sync_one, whole):
    GroupMembership.objects.filter(target__email="bo@acme.example").update(
        is_active=False, set_by="PERSON"
    )

    run = sync_one("P2")

    assert log(run) == []


def test_good_times_are_of_whole_syncs(sync_one, whole):
    Connection.objects.update(people_good_at=None, courses_good_at=None)
    Group.objects.update(last_synced_at=None)

    sync_one("P2")

    assert Connection.objects.filter(people_good_at=None, courses_good_at=None).exists()
    assert not Group.objects.exclude(last_synced_at=None).exists()


@pytest.mark.parametrize("stops", [True])
def test_outage_changes_nothing(sync_one, whole, remote):
    remote.people.pop("P2")
    remote.faults = [None, *[Retryable("litmos_unavailable")] * 5]

    run = sync_one("P2")

    assert (run.status, run.error_code) == ("FAILED", "litmos_unavailable")
    assert memberships() == whole[0]


def test_it_equals_a_whole_sync(sync_one, sync, whole, remote):
    """All people one by one come to the same as all at once."""
    remote.people["P1"]["name"] = "Ann Other"
    remote.members["T1"].discard("P2")
    remote.members["T2"].add("P1")
    remote.people["P3"]["is_active"] = False
    for key in ("P1", "P2", "P3"):
        assert sync_one(key).status == "SYNCED"
    one_by_one = (memberships(), people(), list(TargetLink.objects.values(gone=F("gone_at"))))

    run = sync()

    assert log(run) == []
    assert one_by_one[:2] == (memberships(), people())
    assert Target.objects.count() == 3


def test_somebody_whom_litmos_does_not_know_is_not_looked_at(sync_one, whole, scoped):
    stranger = Target.objects.create(
        account=scoped, email="x@acme.example", email_key="x@acme.example"
    )
    group = Group.objects.get(name="Sales")
    GroupMembership.objects.create(account=scoped, group=group, target=stranger)

    run = sync_one("P2")

    assert log(run) == []
    assert memberships()["Sales"]["x@acme.example"]
