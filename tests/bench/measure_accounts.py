"""Runs inside the Portal under test (`manage.py shell`): what a quiet night of a small account costs, and
nights of many accounts in virtual time (tests.bench.night) at that cost. Prints one line of JSON."""

from __future__ import annotations

import json
import statistics
import time
from typing import Any

from django.conf import settings
from django_scopes import scope

from accounts.models import Account
from integrations.models import Connection, SyncRun, Trigger
from integrations.services import advance, open_run
from tests.bench.ground import UNLIMITED
from tests.bench.night import Job, Night, connect, forget

ACCOUNTS, BESIDE, WORKERS, NIGHTS = 10_000, 3000, 2, 10
#: A million people in 200 teams, three each. Its costs are assumed: 50 ms a page, 8,000 people a second.
MILLION = Job(calls=4200, call_seconds=0.05, end_seconds=125)
#: Litmos takes half a second for a page: every step is as long as steps may be.
SLOW_MILLION = Job(calls=4200, call_seconds=0.8, end_seconds=125)


def measure() -> None:
    small = _night_of_a_small_account()
    settings.LITMOS_RATE = "100/60"
    found = {"small": {"calls": small.calls, "seconds": small.work_seconds}}
    found["storm"] = _storm(small)
    found["beside"] = _beside_a_million(small)
    found["wait"] = _behind_a_million(small)
    print(json.dumps(found))


def _night_of_a_small_account() -> Job:
    """The median of some, in this process, against the rehearsal Litmos."""
    settings.LITMOS_RATE = UNLIMITED
    account = Account.objects.get()
    with scope(account=account):
        Connection.objects.update(is_active=True)
        connection = Connection.objects.get()
        runs = [_synced(connection) for _ in range(NIGHTS + 1)][1:]
    seconds = statistics.median(seconds for _, seconds in runs)
    calls = runs[-1][0].calls
    return Job(calls=calls, call_seconds=seconds / (calls + 1), end_seconds=seconds / (calls + 1))


def _synced(connection: Connection) -> tuple[SyncRun, float]:
    run = open_run(connection=connection, trigger=Trigger.AUTO).run
    begin = time.perf_counter()
    while run.is_open:
        advance(run_id=run.pk)
        run.refresh_from_db()
    assert run.status in ("SYNCED", "WARNINGS"), run.error_code
    return run, time.perf_counter() - begin


def _storm(small: Job) -> dict[str, Any]:
    night = _played([small] * ACCOUNTS, WORKERS)
    return {
        "makespan": max(night.ended.values()),
        "bound": ACCOUNTS * small.work_seconds / WORKERS,
        "sent": night.sent,
        "most_messages": night.most_messages,
    }


def _beside_a_million(small: Job) -> dict[str, Any]:
    """Litmos's own limit lets the large one end no earlier than `bound`."""
    night = _played([MILLION] + [small] * BESIDE, WORKERS)
    large, *others = night.jobs
    return {
        "ended": night.ended[large],
        "bound": 60 * ((MILLION.calls - 1) // 100) + MILLION.end_seconds,
        "small_ended": max(night.ended[each] for each in others),
    }


def _behind_a_million(small: Job) -> dict[str, Any]:
    """One worker, and small ones that come due one by one. They are opened by a tick, then wait."""
    late = [
        Job(small.calls, small.call_seconds, small.end_seconds, due_seconds=60 * minute)
        for minute in range(1, 40)
    ]
    night = _played([SLOW_MILLION, *late], 1)
    waits = [
        night.begun[key] - job.due_seconds for key, job in night.jobs.items() if job.due_seconds
    ]
    return {"most": max(waits), "step": settings.STEP_SECONDS, "number": len(waits)}


def _played(jobs: list[Job], workers: int) -> Night:
    night = Night(connect(jobs), workers=workers, is_tick_timed=True)
    night.play()
    forget(night.jobs)
    return night
