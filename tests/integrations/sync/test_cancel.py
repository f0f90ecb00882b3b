"""Cancel at any place of a run: all or nothing, and the second click is the same as the first."""

import pytest
from django.db.models.functions import Now

from accounts.models import AuditEvent
from groups.models import Group
from integrations.models import Change, StagedPerson, StagedTeam, SyncRun
from integrations.services import cancel_run, open_run
from integrations.sync import engine, journal
from tests.integrations.sync.states import memberships

pytestmark = pytest.mark.django_db
WHOLE = {
    "Sales": {"ann@acme.example": True, "bo@acme.example": True},
    "Support": {"bo@acme.example": True, "cy@acme.example": True},
}


@pytest.fixture
def run(connection):
    return open_run(connection=connection, trigger="MANUAL").run


def events():
    return AuditEvent.objects.filter(kind="SYNC_CANCELLED")


def step(run, remote):
    claimed = journal.claim(run.pk)
    engine.work(claimed, remote.session(), is_time_up=lambda: True)
    run.refresh_from_db()


def left_over():
    models = (StagedTeam, StagedPerson, Change, Group)
    return [model.__name__ for model in models if model.objects.exists()]


def test_one_that_is_queued_ends_at_once(run, alice):
    assert cancel_run(run=run, user=alice) == "DONE"
    assert (run.status, run.calls, run.is_told) == ("CANCELLED", 0, True)
    found = events().values_list("kind", "subject", "user")
    assert list(found) == [("SYNC_CANCELLED", f"litmos, sync {run.pk}", alice.pk)]


@pytest.mark.parametrize("phase", ["PEOPLE", "MEMBERS", "COURSES", "CONFIRM", "PLAN", "APPLY"])
def test_between_two_steps_it_leaves_nothing(run, remote, alice, phase):
    while run.phase != phase:
        step(run, remote)
    SyncRun.objects.filter(pk=run.pk).update(next_attempt_at=Now())

    assert cancel_run(run=run, user=alice) == "DONE"
    assert run.status == "CANCELLED"
    assert left_over() == []
    assert journal.claim(run.pk) is None


@pytest.mark.parametrize(
    "phase", ["TEAMS", "PEOPLE", "MEMBERS", "COURSES", "CONFIRM", "PLAN", "APPLY"]
)
def test_while_a_worker_is_at_it_the_worker_stops(run, remote, alice, phase):
    while run.phase != phase:
        step(run, remote)
    claimed = journal.claim(run.pk)

    assert cancel_run(run=run, user=alice) == "ASKED"
    assert cancel_run(run=run, user=alice) == "ASKED"
    assert run.status == "RUNNING"
    engine.work(claimed, remote.session(), is_time_up=lambda: False)

    run.refresh_from_db()
    assert run.status == "CANCELLED"
    assert left_over() == []
    assert events().count() == 1


def test_after_its_changes_are_in_it_is_too_late(run, remote, alice):
    while run.phase != "FINISH":
        step(run, remote)

    assert cancel_run(run=run, user=alice) == "TOO_LATE"
    step(run, remote)

    assert run.status == "SYNCED"
    assert memberships() == WHOLE
    assert not events().exists()


def test_one_that_has_ended_stays_as_it_is(sync, alice):
    run = sync()
    assert cancel_run(run=run, user=alice) == "ENDED"
    assert run.status == "SYNCED"


def test_worker_that_died_with_it_does_not_keep_it_open(run, remote, alice):
    """The lease has run out: nobody is there to stop, so it ends at once."""
    step(run, remote)
    lost = journal.claim(run.pk)
    SyncRun.objects.filter(pk=run.pk).update(lease_until="2026-01-01T00:00:00Z")

    assert cancel_run(run=run, user=alice) == "DONE"
    engine.work(lost, remote.session(), is_time_up=lambda: False)

    run.refresh_from_db()
    assert run.status == "CANCELLED"
    assert left_over() == []


def test_the_next_sync_is_whole(run, remote, alice, sync):
    step(run, remote)
    cancel_run(run=run, user=alice)

    assert sync().status == "SYNCED"
    assert memberships() == WHOLE
