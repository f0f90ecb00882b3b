"""Three cases of leaving, and the guard."""

import pytest

from groups.models import Group
from integrations.models import Change
from targets.models import GroupMembership, Target
from tests.integrations.sync.states import courses, log, memberships

pytestmark = pytest.mark.django_db


def test_left_this_team_but_is_in_another(sync, remote):
    sync()
    remote.members["T1"].remove("P2")

    run = sync()

    assert log(run) == [("MEMBERSHIP", "DEACTIVATE", "Bo Ek", "LEFT_TEAM", "APPLIED")]
    assert memberships()["Sales"] == {"ann@acme.example": True, "bo@acme.example": False}
    assert memberships()["Support"]["bo@acme.example"] is True


def test_in_no_chosen_team_any_more(sync, remote):
    sync()
    remote.members["T1"].remove("P2")
    remote.members["T2"].remove("P2")

    run = sync()

    assert log(run) == [("PERSON", "DEACTIVATE", "Bo Ek", "NO_TEAM", "APPLIED")]
    assert memberships()["Sales"]["bo@acme.example"] is False
    assert memberships()["Support"]["bo@acme.example"] is False
    assert Target.objects.get(email="bo@acme.example").left_source_at is None


@pytest.mark.parametrize("reason", ["GONE", "INACTIVE_REMOTE"])
def test_inactive_or_gone_leaves_every_group_and_is_flagged_by_hand(sync, remote, scoped, reason):
    sync()
    by_hand = Group.objects.create(account=scoped, name="By hand")
    bo = Target.objects.get(email="bo@acme.example")
    GroupMembership.objects.create(account=scoped, group=by_hand, target=bo)
    if reason == "GONE":
        del remote.people["P2"]
    else:
        remote.people["P2"]["is_active"] = False

    run = sync()

    assert log(run) == [("PERSON", "DEACTIVATE", "Bo Ek", reason, "APPLIED")]
    assert memberships() == {
        "By hand": {"bo@acme.example": True},
        "Sales": {"ann@acme.example": True, "bo@acme.example": False},
        "Support": {"bo@acme.example": False, "cy@acme.example": True},
    }
    bo.refresh_from_db()
    assert bo.left_source_at is not None
    assert [row[1] for row in log(sync())] in ([], ["SKIP"])


def test_whoever_comes_back_is_reactivated(sync, remote):
    sync()
    remote.people["P2"]["is_active"] = False
    sync()
    remote.people["P2"]["is_active"] = True

    run = sync()

    assert log(run) == [("PERSON", "REACTIVATE", "Bo Ek", "BACK", "APPLIED")]
    assert memberships()["Sales"]["bo@acme.example"] is True
    assert Target.objects.get(email="bo@acme.example").left_source_at is None
    assert log(sync()) == []


def test_missing_from_the_list_but_still_there_when_asked(sync, remote):
    sync()
    remote.hidden = {"P2"}

    run = sync()

    assert log(run) == [("NOTE", "WARN", "This sync", "READ_MOVED", "SKIPPED")]
    assert memberships()["Sales"]["bo@acme.example"] is True


def test_deleted_team_ends_its_memberships_and_keeps_its_group(sync, remote):
    sync()
    del remote.teams["T2"]

    run = sync()

    assert log(run) == [
        ("GROUP", "DEACTIVATE", "Support", "TEAM_GONE", "APPLIED"),
        ("MEMBERSHIP", "DEACTIVATE", "Bo Ek", "LEFT_TEAM", "APPLIED"),
        ("PERSON", "DEACTIVATE", "Cy Fu", "NO_TEAM", "APPLIED"),
    ]
    assert memberships()["Support"] == {"bo@acme.example": False, "cy@acme.example": False}
    assert [row for row in log(sync()) if row[0] != "PERSON"] == []


def test_emptied_team_holds_its_removals_and_nothing_else(sync, remote):
    sync()
    remote.members["T2"].clear()
    remote.people["P1"]["first_name"] = "Anna"

    run = sync()

    assert run.status == "HELD"
    assert log(run) == [
        ("MEMBERSHIP", "DEACTIVATE", "Bo Ek", "LEFT_TEAM", "HELD"),
        ("PERSON", "DEACTIVATE", "Cy Fu", "NO_TEAM", "HELD"),
        ("PERSON", "UPDATE", "Ann Lee", "", "APPLIED"),
    ]
    assert memberships()["Support"] == {"bo@acme.example": True, "cy@acme.example": True}
    assert Target.objects.get(email="ann@acme.example").first_name == "Anna"


def test_empty_tenant_holds_everything(sync, remote):
    sync()
    remote.people.clear()
    before = memberships()

    run = sync()

    assert (run.status, run.hold_reason) == ("HELD", "tenant_empty")
    assert memberships() == before
    assert set(Change.objects.filter(run=run).values_list("outcome", flat=True)) == {"HELD"}


def test_mass_removal_is_held_and_the_rest_applied(sync, remote):
    for number in range(60):
        remote.person(f"M{number:02}", f"m{number}@acme.example", "T1 T2")
    sync()
    before = memberships()
    for number in range(20):
        remote.people[f"M{number:02}"]["is_active"] = False
    remote.person("N1", "new@acme.example", "T1")

    run = sync()

    assert run.status == "HELD"
    assert run.counts["PERSON.DEACTIVATE.HELD"] == 20
    assert run.counts["PERSON.CREATE.APPLIED"] == 1
    before["Sales"]["new@acme.example"] = True
    assert memberships() == before


def test_key_of_another_organisation_holds_everything(sync, remote):
    for number in range(20):
        remote.person(f"M{number:02}", f"m{number}@acme.example", "T1")
    sync()
    before = memberships()
    remote.people = {f"Z{key}": value for key, value in remote.people.items()}
    remote.members = {key: {f"Z{m}" for m in rows} for key, rows in remote.members.items()}

    run = sync()

    assert (run.status, run.hold_reason) == ("HELD", "half_unknown")
    assert memberships() == before


def test_when_most_are_gone_nobody_is_and_the_new_ones_come(sync, remote):
    for number in range(60):
        remote.person(f"M{number:02}", f"m{number}@acme.example", "T1 T2")
    sync()
    before = memberships()
    for number in range(54):
        del remote.people[f"M{number:02}"]
    for team, members in remote.members.items():
        remote.members[team] = members & remote.people.keys()
    remote.person("N1", "new@acme.example", "T1")

    run = sync()

    assert (run.status, run.hold_reason) == ("HELD", "")
    assert (run.counts["HOLD.half_gone"], run.counts["FIGURE.strangers"]) == (54, 1)
    before["Sales"]["new@acme.example"] = True
    assert memberships() == before


def test_courses_are_marked_and_never_deleted(sync, remote):
    remote.course("C2", "Old course")
    remote.course("C3", "Off course")
    sync()
    del remote.courses["C2"]
    remote.courses["C3"]["is_active"] = False

    run = sync()

    assert courses() == {"Off course": False, "Old course": False, "Phishing basics": True}
    assert log(run) == [
        ("COURSE", "DEACTIVATE", "Off course", "COURSE_INACTIVE", "APPLIED"),
        ("COURSE", "DEACTIVATE", "Old course", "COURSE_GONE", "APPLIED"),
    ]
    assert log(sync()) == []
