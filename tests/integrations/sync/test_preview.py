"""A preview is the same run without its last step; applying it must come to the same plan."""

import pytest
from django_scopes import scope

from accounts.models import AuditEvent
from groups.models import Group
from integrations.models import Change, Connection, SyncRun
from integrations.services import NothingToApply, apply_preview, start_preview
from targets.models import Target
from tests.integrations.sync.states import log, memberships, people

pytestmark = pytest.mark.django_db


@pytest.fixture
def preview(connection, finish):
    return lambda: finish(start_preview(connection=connection, user=None).run)


@pytest.fixture
def apply(finish):
    return lambda run: finish(apply_preview(preview=run, user=None).run)


def digests(run) -> list[str]:
    return sorted(Change.objects.filter(run=run).values_list("digest", flat=True))


def test_preview_before_the_first_sync_changes_nothing(preview, connection):
    run = preview()

    assert (run.status, run.calls) == ("PREVIEWED", 6)
    assert log(run) == [
        ("COURSE", "CREATE", "Phishing basics", "", "PLANNED"),
        ("GROUP", "CREATE", "Sales", "", "PLANNED"),
        ("GROUP", "CREATE", "Support", "", "PLANNED"),
        ("PERSON", "CREATE", "Ann Lee", "", "PLANNED"),
        ("PERSON", "CREATE", "Bo Ek", "", "PLANNED"),
        ("PERSON", "CREATE", "Cy Fu", "", "PLANNED"),
    ]
    assert not Group.objects.exists()
    assert not Target.objects.exists()
    connection.refresh_from_db()
    assert (connection.people_good_at, connection.courses_good_at) == (None, None)


def test_preview_makes_exactly_the_calls_and_the_rows_of_the_sync(preview, sync):
    previewed, synced = preview(), sync()

    assert previewed.calls == synced.calls
    assert digests(previewed) == digests(synced)


def test_what_was_previewed_is_carried_out(preview, apply, sync):
    sync_run = apply(preview())

    assert (sync_run.status, sync_run.is_preview) == ("SYNCED", False)
    assert people() == {
        "ann@acme.example": "Ann Lee",
        "bo@acme.example": "Bo Ek",
        "cy@acme.example": "Cy Fu",
    }
    assert sync().counts.keys() == {"UNCHANGED.PERSON", "UNCHANGED.COURSE"}


def move_at_the_source(remote):
    remote.person("P4", "dee@acme.example", "T1", name="Dee")


def move_in_the_portal(_remote):
    Group.objects.create(account=Connection.objects.get().account, name="support")


@pytest.mark.parametrize("move", [move_at_the_source, move_in_the_portal])
def test_plan_that_moved_is_not_carried_out(preview, apply, remote, move):
    first = preview()
    move(remote)

    second = apply(first)

    assert (second.status, second.is_preview, second.preview_id) == ("PREVIEWED", True, first.pk)
    assert second.plan_hash != first.plan_hash
    assert not Target.objects.exists()
    assert apply(second).status == "SYNCED"
    assert Target.objects.count() == (4 if move is move_at_the_source else 3)


def test_hash_does_not_depend_on_the_order_of_reading(preview, remote):
    first = preview()
    remote.people = dict(reversed(remote.people.items()))
    remote.teams = dict(reversed(remote.teams.items()))

    assert preview().plan_hash == first.plan_hash


def test_preview_is_applied_once(preview, apply, sync):
    run = preview()
    apply(run)

    with pytest.raises(NothingToApply):
        apply(run)
    with pytest.raises(NothingToApply):
        apply(sync())


def test_preview_shows_what_would_be_held(preview, sync, remote):
    for number in range(30):
        remote.person(f"X{number}", f"x{number}@acme.example", "T1", name=f"X {number}")
    sync()
    for number in range(14):
        remote.people[f"X{number}"]["is_active"] = False

    run = preview()

    assert run.status == "PREVIEWED"
    assert run.counts["PERSON.DEACTIVATE.HELD"] == 14
    assert all(active for seats in memberships().values() for active in seats.values())


def test_each_start_is_in_the_audit_log(connection, finish, alice):
    run = finish(start_preview(connection=connection, user=alice).run)
    start_preview(connection=connection, user=alice)
    again = start_preview(connection=connection, user=alice)

    assert not again.is_new
    with scope(account=connection.account):
        events = list(AuditEvent.objects.order_by("pk").values_list("kind", "subject"))
    assert events == [
        ("PREVIEW_STARTED", f"litmos, sync {run.pk}"),
        ("PREVIEW_STARTED", f"litmos, sync {again.run.pk}"),
    ]
    assert SyncRun.objects.count() == 2
