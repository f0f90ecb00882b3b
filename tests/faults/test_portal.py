"""What may happen to the Portal's own parts while it syncs."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from django.db import OperationalError
from django.db import connection as database
from django.db.models.functions import Now
from django.utils import timezone
from django_scopes import scopes_disabled

from integrations import registry, tasks
from integrations.models import Change, Connection, StagedPerson, SyncRun
from integrations.services import advance, open_run, tick
from integrations.services.keys import put_key
from integrations.services.nights import next_auto_sync
from integrations.sync import engine, journal
from targets.models import Target
from tests.faults.conftest import SMALL, active

pytestmark = pytest.mark.django_db


@pytest.fixture
def real(wire, sandbox, settings):
    """The connection as the worker opens it: with its sealed key, at a region of the settings."""
    settings.LITMOS_EXTRA_REGIONS = f"Rehearsal={wire.url}"
    settings.LITMOS_RATE = "100000/60"
    put_key(wire.connection, sandbox.api_key)
    wire.connection.save()
    assert registry.get("litmos").regions()[-1].key == "rehearsal"
    return wire.connection


def opened(connection, trigger="MANUAL") -> SyncRun:
    return open_run(connection=connection, trigger=trigger).run


def work_to_the_end(run) -> str:
    for _ in range(30):
        free(run)
        if advance(run_id=run.pk) is None:
            break
    run.refresh_from_db()
    return f"{run.status} {run.error_code}".strip()


def failing_after(writes: int):
    """The database takes so many writes, and then no more."""
    left = [writes]

    def wrapper(execute, sql, params, many, context):
        if sql.lstrip(" \n-").startswith(("INSERT", "UPDATE", "DELETE")):
            left[0] -= 1
            if left[0] < 0:
                raise OperationalError("server closed the connection")
        return execute(sql, params, many, context)

    return wrapper


def test_two_at_once(row, wire):
    """Two syncs at once"""
    first, second = opened(wire.connection), opened(wire.connection, "AUTO")
    assert first == second
    one, other = journal.claim(first.pk), journal.claim(first.pk)
    assert (one is None, other is None) == (False, True)
    row("the second click and the night got the first run; one worker got it")


@pytest.mark.django_db(transaction=True)
def test_database_down(row, real, settings):
    """The database goes away in the middle"""
    settings.STEP_SECONDS = 0
    run, before = opened(real), active()
    for phase, writes in PLACES:
        while SyncRun.objects.get(pk=run.pk).phase != phase:
            step(run)
        free(run)
        with database.execute_wrapper(failing_after(writes)), pytest.raises(OperationalError):
            advance(run_id=run.pk)
        assert active() == before
    told = work_to_the_end(run)
    assert told == "SYNCED"
    row(f"the step died in {', '.join(phase for phase, _ in PLACES)}; then {told}")


#: After how many writes of its step the database is away: 0 is before the claim.
PLACES = [("TEAMS", 0), ("PEOPLE", 3), ("PLAN", 3), ("APPLY", 4)]


def free(run) -> None:
    SyncRun.objects.filter(pk=run.pk).update(next_attempt_at=None, lease_until=None)


def step(run) -> None:
    free(run)
    advance(run_id=run.pk)


def test_broker_down(row, real, settings, monkeypatch):
    """The queue is away when a sync is asked for"""
    run = opened(real)
    monkeypatch.setattr(tasks.step, "apply_async", _no_broker)
    tasks._send(run.pk, 0, tasks.SHORT)
    SyncRun.objects.filter(pk=run.pk).update(created_at=timezone.now() - timedelta(minutes=2))
    with scopes_disabled():
        found = tick().run_ids
    assert found == [run.pk]
    row(f"it stays queued, the tick finds it: {work_to_the_end(run)}")


def _no_broker(**_):
    raise ConnectionRefusedError


def test_zombie(row, real, wire, sandbox):
    """A worker comes back after another took its run over"""
    run = opened(real)
    zombie = journal.claim(run.pk)
    SyncRun.objects.filter(pk=run.pk).update(lease_until=Now() - timedelta(seconds=1))
    told = work_to_the_end(run)
    before = active()
    with closing(wire.client(zombie, sandbox.api_key, SMALL)) as session:
        assert engine.work(zombie, session, is_time_up=lambda: False) is None
    run.refresh_from_db()
    assert (told, run.status, active()) == ("SYNCED", "SYNCED", before)
    row(f"{told}; the late one wrote nothing")


def disk_full() -> OperationalError:
    error = OperationalError("database or disk is full")
    cause = sqlite3.OperationalError("database or disk is full")
    if database.vendor == "postgresql":
        cause = psycopg.errors.DiskFull("could not extend file")
    else:
        cause.sqlite_errorcode = sqlite3.SQLITE_FULL
    error.__cause__ = cause
    return error


def test_disk_full(row, real):
    """The disk is full"""
    run, people = opened(real), Target.objects.count()
    before = StagedPerson.objects.count()
    with database.execute_wrapper(_full_while_staging):
        advance(run_id=run.pk)
    run.refresh_from_db()
    assert (run.status, run.error_code) == ("FAILED", "storage")
    assert (Target.objects.count(), StagedPerson.objects.count()) == (people, before)
    assert not StagedPerson.objects.filter(run=run).exists()
    assert not Change.objects.filter(run=run).exists()
    row("FAILED storage, live data whole")


def _full_while_staging(execute, sql, params, many, context):
    if "integrations_stagedteam" in sql and sql.lstrip().startswith("UPDATE"):
        raise disk_full()
    return execute(sql, params, many, context)


def test_vault_key_missing(row, real, sandbox):
    """The vault key of a stored API key is gone"""
    Connection.objects.filter(pk=real.pk).update(api_key_sealed="v1:not-of-this-vault")
    sandbox.calls.clear()
    told = work_to_the_end(opened(real))
    assert (told, sandbox.calls) == ("FAILED key_unreadable", [])
    row(f"{told}, no call made")


ZONES = ("Europe/Berlin", "America/Havana", "Pacific/Apia", "Asia/Kolkata")


def test_clocks(row, real):
    """Clocks that are wrong, change, or are moved to another zone"""
    year = datetime(2026, 1, 1, tzinfo=UTC)
    for zone in ZONES:
        real.account.time_zone = zone
        nights, moment = 0, year
        while (moment := next_auto_sync(real, after=moment)) < year + timedelta(days=365):
            nights += 1
            assert next_auto_sync(real, after=moment - timedelta(minutes=10)) == moment
        assert nights == 365
    row(f"365 nights a year in {len(ZONES)} zones, also with a clock 10 minutes off")


def test_beat_down(row, real):
    """The scheduler was away for three days; two schedulers"""
    due = datetime(2026, 11, 20, tzinfo=UTC)
    Connection.objects.filter(pk=real.pk).update(
        next_auto_sync_at=due, auto_sync_zone=real.account.time_zone
    )
    before = SyncRun.objects.count()
    later = due + timedelta(days=3, hours=5)
    with scopes_disabled():
        tick(now=later)
        tick(now=later)
    assert SyncRun.objects.count() == before + 1
    row("one catch-up run")


def test_switched_off_mid_run(row, real, wire, sandbox):
    """The integration is removed or stopped while it syncs"""
    run = opened(real)
    claimed = journal.claim(run.pk)
    with closing(wire.client(claimed, sandbox.api_key, SMALL)) as session:
        engine.work(claimed, session, is_time_up=lambda: True)
        SyncRun.objects.filter(pk=run.pk).update(is_cancel_requested=True)
    told = work_to_the_end(run)
    assert (told, StagedPerson.objects.filter(run=run).count()) == ("CANCELLED", 0)
    row(f"{told} at the next page, nothing staged left")


def test_deploy(row, real, settings):
    """The worker is told to stop after each page"""
    settings.STEP_SECONDS = 0
    run = opened(real)
    told = work_to_the_end(run)
    assert (told, run.epoch > 5) == ("SYNCED", True)
    row(f"{told} after {run.epoch} steps")
