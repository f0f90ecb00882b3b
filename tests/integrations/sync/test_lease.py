"""The run's row is its lock."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.db.models.functions import Now

from integrations.models import SyncRun
from integrations.providers.litmos.limits import Limits
from integrations.services import open_run
from integrations.sync import engine, journal

pytestmark = pytest.mark.django_db


@pytest.fixture
def run(connection) -> SyncRun:
    return open_run(connection=connection, trigger="MANUAL").run


def test_second_run_of_a_connection_is_the_first(connection, run):
    again = open_run(connection=connection, trigger="SAVE")

    assert (again.run, again.is_new) == (run, False)
    assert SyncRun.objects.count() == 1


def test_claimed_run_is_not_claimed_again(run):
    assert journal.claim(run.pk) is not None
    assert journal.claim(run.pk) is None


def test_waiting_run_is_not_claimed_early(run):
    SyncRun.objects.filter(pk=run.pk).update(next_attempt_at=Now() + timedelta(seconds=30))
    assert journal.claim(run.pk) is None


def test_lapsed_lease_is_taken_over_and_the_zombie_writes_nothing(run, remote):
    zombie = journal.claim(run.pk)
    SyncRun.objects.filter(pk=run.pk).update(lease_until=Now() - timedelta(seconds=1))
    heir = journal.claim(run.pk)

    assert (heir.epoch, heir.attempts) == (zombie.epoch + 1, 2)
    with pytest.raises(journal.LeaseLost):
        journal.checkpoint(zombie, phase="MEMBERS")
    assert engine.work(zombie, remote.session(), is_time_up=lambda: True) is None
    run.refresh_from_db()
    assert (run.phase, run.epoch, run.calls) == ("TEAMS", heir.epoch, 0)


def test_ended_run_is_not_claimed(sync):
    assert journal.claim(sync().pk) is None


def test_zombie_can_not_end_a_run(run):
    zombie = journal.claim(run.pk)
    SyncRun.objects.filter(pk=run.pk).update(lease_until=Now() - timedelta(seconds=1))
    journal.claim(run.pk)

    with pytest.raises(journal.LeaseLost):
        journal.close(zombie, status="SYNCED")


def test_a_lost_worker_is_found_within_three_minutes_and_no_call_outlasts_a_lease():
    tick = settings.CELERY_BEAT_SCHEDULE["tick"]["schedule"]
    assert settings.LEASE_SECONDS + tick <= 180
    limits = Limits()
    longest_call = limits.retry_seconds + limits.longest_pause_seconds + limits.wall_seconds
    assert longest_call < settings.LEASE_SECONDS
