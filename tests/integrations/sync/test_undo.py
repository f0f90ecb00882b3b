"""Undo puts back what a sync did and leaves alone what changed since."""

from datetime import timedelta

import pytest
from django.utils import timezone

from groups.models import Group
from integrations.contract.errors import Credentials
from integrations.models import Course, GroupLink, SyncRun, TargetLink
from integrations.services import NothingToApply, UndoRefused, apply_preview, start_undo
from targets.models import GroupMembership, SetBy, Target
from targets.services import set_memberships
from tests.integrations.sync.states import log, memberships

pytestmark = pytest.mark.django_db


@pytest.fixture
def preview_undo(finish):
    return lambda run: finish(start_undo(run=run, user=None).run)


@pytest.fixture
def undo(preview_undo, finish):
    return lambda run: finish(apply_preview(preview=preview_undo(run), user=None).run)


PERSON = ("email", "email_key", "name", "city", "source", "is_active", "left_source_at")


def whole() -> dict:
    """All that a sync may write, but for when."""
    return {
        "people": list(Target.objects.order_by("pk").values_list("pk", *PERSON)),
        "links": sorted(
            TargetLink.objects.values_list("target_id", "integration_id", "gone_at"), key=str
        ),
        "groups": list(
            Group.objects.order_by("pk").values_list("name", "source", "auto_sync", "is_archived")
        ),
        "group links": sorted(
            GroupLink.objects.values_list("group_id", "integration_id", "remote_name", "gone_at"),
            key=str,
        ),
        "seats": sorted(
            GroupMembership.objects.values_list("group_id", "target_id", "is_active", "set_by")
        ),
        "courses": sorted(
            Course.objects.values_list("integration_id", "name", "is_active", "gone_at"), key=str
        ),
    }


def rename_person(remote):
    remote.people["P1"] |= {"name": "Ann Ray", "city": "Oslo", "email": "ann.ray@acme.example"}


def leave_one_team(remote):
    remote.members["T1"].discard("P2")


def leave_all_teams(remote):
    remote.members["T1"].discard("P2")
    remote.members["T2"].discard("P2")


def deactivate(remote):
    remote.people["P3"]["is_active"] = False


def delete(remote):
    del remote.people["P1"]


def recreate(remote):
    remote.people["P9"] = remote.people.pop("P1")
    remote.members["T1"] = {"P9", "P2"}


def rename_team(remote):
    remote.teams["T1"] = "Sales and more"


def delete_team(remote):
    del remote.teams["T2"]


def change_courses(remote):
    remote.courses["C1"]["name"] = "Phishing advanced"
    remote.courses["C2"]["is_active"] = False
    del remote.courses["C3"]


CHANGES = [
    rename_person,
    leave_one_team,
    leave_all_teams,
    deactivate,
    delete,
    recreate,
    rename_team,
    delete_team,
    change_courses,
]


@pytest.mark.parametrize("change", CHANGES)
def test_undo_puts_everything_back(sync, undo, remote, change):
    remote.course("C2", "Two")
    remote.course("C3", "Three")
    sync()
    before = whole()
    change(remote)
    run = sync()
    assert whole() != before

    undone = undo(run)

    assert (undone.status, undone.error_code, undone.calls) == ("UNDONE", "", 0)
    assert whole() == before
    assert {row[4] for row in log(undone)} == {"APPLIED"}


@pytest.mark.parametrize("change", CHANGES)
def test_the_next_sync_does_it_again(sync, undo, remote, change):
    remote.course("C2", "Two")
    remote.course("C3", "Three")
    sync()
    change(remote)
    run = sync()
    after = memberships(), sorted(Target.objects.values_list("email", "name", "city"))
    undo(run)

    sync()

    assert (memberships(), sorted(Target.objects.values_list("email", "name", "city"))) == after


def test_people_and_groups_that_came_in_go_out_of_sight_and_are_kept(sync, undo):
    run = sync()

    undo(run)

    assert list(Group.objects.values_list("name", "is_archived", "auto_sync")) == [
        ("Sales", True, False),
        ("Support", True, False),
    ]
    assert Target.objects.count() == 3
    assert not GroupMembership.objects.filter(is_active=True).exists()
    assert not Course.objects.filter(gone_at=None).exists()


def test_adopted_group_is_given_back(sync, undo, scoped):
    group = Group.objects.create(account=scoped, name="sALES")
    for email in ("ann@acme.example", "zoe@acme.example"):
        target = Target.objects.create(account=scoped, email=email, email_key=email, name="By hand")
        GroupMembership.objects.create(account=scoped, group=group, target=target)
    run = sync()
    assert memberships()["Sales"]["zoe@acme.example"] is False

    undo(run)

    group.refresh_from_db()
    assert (group.name, group.source, group.auto_sync, group.is_archived) == (
        "sALES",
        "",
        False,
        False,
    )
    assert memberships()["sALES"] == {
        "ann@acme.example": True,
        "bo@acme.example": False,
        "zoe@acme.example": True,
    }
    ann = Target.objects.get(email="ann@acme.example")
    assert (ann.name, ann.source, ann.links.exists()) == ("By hand", "", False)


def test_group_that_was_let_go_follows_its_team_again(sync, undo, connection):
    sync()
    before = whole()
    connection.sync_all_groups = False
    connection.save()
    connection.chosen_teams.create(account=connection.account, integration_id="T1", name="Sales")
    run = sync()
    assert whole() != before

    undo(run)

    assert whole() == before


def test_what_changed_since_is_left_alone(sync, undo, preview_undo, remote):
    sync()
    rename_person(remote)
    leave_one_team(remote)
    deactivate(remote)
    run = sync()
    Target.objects.filter(email="ann.ray@acme.example").update(city="Rome")
    bo = GroupMembership.objects.filter(target__email="bo@acme.example", group__name="Sales")
    set_memberships(memberships=bo, is_active=False)

    undone = undo(run)

    assert log(undone) == [
        ("MEMBERSHIP", "SKIP", "Bo Ek", "CHANGED_SINCE", "SKIPPED"),
        ("PERSON", "REACTIVATE", "Cy Fu", "UNDONE", "APPLIED"),
        ("PERSON", "SKIP", "Ann Ray", "CHANGED_SINCE", "SKIPPED"),
        ("PERSON", "UPDATE", "Ann Ray", "UNDONE", "APPLIED"),
    ]
    left = undone.changes.get(action="SKIP", kind="PERSON")
    assert left.reason_args == {"fields": ["city"]}
    ann = Target.objects.get(email="ann@acme.example")
    assert (ann.name, ann.city) == ("Ann Lee", "Rome")
    assert bo.get().is_active is False
    assert bo.get().set_by == SetBy.PERSON


def test_address_that_somebody_else_has_now_is_not_taken_back(sync, undo, remote, scoped):
    sync()
    rename_person(remote)
    run = sync()
    Target.objects.create(
        account=scoped, email="ann@acme.example", email_key="ann@acme.example", name="Another Ann"
    )

    undone = undo(run)

    assert undone.changes.get(action="SKIP").reason_args == {"fields": ["email"]}
    assert Target.objects.get(name="Ann Lee").email == "ann.ray@acme.example"


def test_preview_of_an_undo_changes_nothing_and_needs_no_key(sync, preview_undo, remote):
    sync()
    leave_one_team(remote)
    run = sync()
    after = whole()
    remote.faults = [Credentials("key_refused")]

    preview = preview_undo(run)

    assert (preview.status, preview.calls) == ("PREVIEWED", 0)
    assert log(preview) == [("MEMBERSHIP", "REACTIVATE", "Bo Ek", "UNDONE", "PLANNED")]
    assert whole() == after


def test_portal_that_moved_since_the_preview_shows_the_difference(
    sync, preview_undo, finish, remote
):
    sync()
    leave_one_team(remote)
    preview = preview_undo(sync())
    set_memberships(memberships=GroupMembership.objects.all(), is_active=False)

    second = finish(apply_preview(preview=preview, user=None).run)

    assert (second.status, second.is_preview) == ("PREVIEWED", True)
    assert log(second) == [("MEMBERSHIP", "SKIP", "Bo Ek", "CHANGED_SINCE", "SKIPPED")]


def test_undo_is_refused_where_there_is_nothing_to_put_back(sync, undo, connection):
    run = sync()
    quiet = sync()
    undone = undo(run)
    SyncRun.objects.filter(pk=run.pk).update(finished_at=timezone.now() - timedelta(days=31))

    for refused in (SyncRun.objects.get(pk=run.pk), quiet, undone):
        with pytest.raises(UndoRefused):
            start_undo(run=refused, user=None)
    with pytest.raises(NothingToApply):
        apply_preview(preview=undone, user=None)
