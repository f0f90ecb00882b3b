"""What a run does when a call fails, and when its worker dies."""

import pytest
from django.db import connection as database
from django.db.models.functions import Now

from groups.models import Group
from integrations.contract.errors import BudgetEmpty, Credentials, Fatal, Missing, Retryable
from integrations.models import Change, Connection, StagedTeam, SyncRun
from integrations.services import open_run
from integrations.sync import engine, journal
from targets.models import Target
from tests.integrations.sync.states import log, memberships

pytestmark = pytest.mark.django_db


class Killed(BaseException):
    """Stands for SIGKILL: nothing of the worker's own code runs after it."""


@pytest.fixture
def run(connection) -> SyncRun:
    return open_run(connection=connection, trigger="MANUAL").run


def step(run, remote, is_time_up=lambda: False) -> float | None:
    SyncRun.objects.filter(pk=run.pk).update(next_attempt_at=None, lease_until=None)
    delay = engine.work(journal.claim(run.pk), remote.session(), is_time_up=is_time_up)
    run.refresh_from_db()
    return delay


def test_empty_budget_gives_the_worker_back_and_does_not_count(run, remote):
    remote.faults = [None, BudgetEmpty(17.5)]

    assert step(run, remote) == 17.5
    assert (run.status, run.phase, run.attempts, run.calls) == ("RUNNING", "PEOPLE", 0, 2)
    assert step(run, remote) is None
    assert run.status == "SYNCED"


def test_throttle_waits_as_long_as_asked(run, remote):
    remote.faults = [Retryable("throttled", delay_seconds=60)]

    assert step(run, remote) == 60
    assert (run.status, run.phase) == ("RUNNING", "TEAMS")


def test_outage_is_tried_again_later_and_later_and_then_fails(run, remote):
    remote.faults = [Retryable("litmos_unavailable")] * 5

    assert [step(run, remote) for _ in range(5)] == [60, 60, 300, 900, None]
    assert (run.status, run.error_code) == ("FAILED", "litmos_unavailable")
    assert not Target.objects.exists()
    assert not StagedTeam.objects.exists()


def test_progress_forgives_earlier_attempts(run, remote):
    remote.faults = [Retryable("x"), Retryable("x"), None, Retryable("x")]

    assert [step(run, remote) for _ in range(3)] == [60, 60, 60]
    assert run.phase == "PEOPLE"


def test_refused_key_fails_at_once_and_marks_the_connection(run, remote):
    remote.faults = [Credentials("key_refused", "401")]

    assert step(run, remote) is None
    assert (run.status, run.error_code) == ("FAILED", "key_refused")
    assert Connection.objects.get().key_refused_since is not None


def test_fatal_answer_leaves_the_portal_as_it_was(sync, connection, remote):
    sync()
    before = memberships()
    remote.people.clear()
    remote.faults = [None, Fatal("too_large")]
    run = open_run(connection=connection, trigger="MANUAL").run

    step(run, remote)

    assert (run.status, run.error_code) == ("FAILED", "too_large")
    assert memberships() == before
    assert not Change.objects.filter(run=run).exists()


def test_one_team_not_found_leaves_its_memberships_alone(sync, connection, remote):
    sync()
    before = memberships()
    session = remote.session

    def without_t2():
        opened = session()
        read = opened.read_members
        opened.read_members = lambda team, start: (
            _missing(opened) if team == "T2" else read(team, start)
        )
        return opened

    remote.session = without_t2
    remote.members["T2"].clear()
    run = sync()

    assert memberships() == before
    assert log(run) == [("GROUP", "SKIP", "Support", "TEAM_UNREAD", "SKIPPED")]
    assert run.status == "WARNINGS"


def _missing(session):
    session.calls += 1
    raise Missing("team_missing")


def test_stopped_while_it_runs_changes_nothing(run, remote):
    step(run, remote, is_time_up=lambda: True)
    SyncRun.objects.filter(pk=run.pk).update(is_cancel_requested=True)

    step(run, remote)

    assert run.status == "CANCELLED"
    assert not Group.objects.exists()
    assert not StagedTeam.objects.exists()


def test_group_made_between_plan_and_apply_is_planned_again(run, remote, scoped):
    while run.phase != "APPLY":
        step(run, remote, is_time_up=lambda: True)
    Group.objects.create(account=scoped, name="SALES")

    step(run, remote)

    assert run.status == "SYNCED"
    assert ("GROUP", "ADOPT", "Sales", "", "APPLIED") in log(run)


@pytest.mark.parametrize("writes", range(1, 40, 3))
def test_worker_dies_after_any_number_of_writes(run, remote, writes):
    """Death at any statement: the next worker goes on and the end is the same, with nobody twice."""
    with pytest.raises(Killed), database.execute_wrapper(_dying_after(writes)):
        for _ in range(100):
            step(run, remote)

    for _ in range(10):
        if step_if_open(run, remote):
            break

    assert run.status == "SYNCED"
    assert memberships() == {
        "Sales": {"ann@acme.example": True, "bo@acme.example": True},
        "Support": {"bo@acme.example": True, "cy@acme.example": True},
    }
    assert len(log(run)) == 6


def _dying_after(writes):
    left = [writes]

    def wrapper(execute, sql, params, many, context):
        if sql.lstrip().startswith(("INSERT", "UPDATE", "DELETE")):
            left[0] -= 1
            if left[0] < 0:
                raise Killed
        return execute(sql, params, many, context)

    return wrapper


def step_if_open(run, remote) -> bool:
    run.refresh_from_db()
    if run.is_open:
        SyncRun.objects.filter(pk=run.pk).update(heartbeat_at=Now())
        step(run, remote)
    return not run.is_open
