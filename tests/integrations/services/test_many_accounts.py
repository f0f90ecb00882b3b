"""Many accounts and few workers, in virtual time (tests.bench.night says what is made up)."""

import pytest

from tests.bench.night import Job, Night, connect

#: One account is the usual thing on an embedded set-up.
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.services]

SMALL = Job(calls=9, call_seconds=0.1, end_seconds=0.1)
LARGE = Job(calls=400, call_seconds=0.05, end_seconds=5)
SLOW = Job(calls=1000, call_seconds=2, end_seconds=5)


@pytest.fixture(autouse=True)
def prefetching(settings):
    settings.LITMOS_RATE = "100/60"
    settings.CELERY_WORKER_DISABLE_PREFETCH = True


def played(*jobs: Job, workers: int = 2) -> tuple[Night, list[int]]:
    night = Night(connect(jobs), workers=workers)
    night.play()
    return night, list(night.jobs)


def test_workers_are_never_idle_while_something_is_due():
    quick = Job(calls=9, call_seconds=0.01, end_seconds=0.01)
    night, _ = played(*[quick] * 700)
    assert max(night.ended.values()) <= 1.02 * 700 * quick.work_seconds / 2


def test_backlog_is_queued_once():
    night, _ = played(*[SMALL] * 300, workers=1)
    assert max(night.ended.values()) > 240
    assert night.sent <= 300 + 1


def test_large_one_keeps_its_limits_pace_beside_a_backlog():
    night, (large, *_) = played(LARGE, *[SMALL] * 500, workers=1)
    floor = 3 * 62.5 + LARGE.end_seconds
    assert max(night.ended.values()) > 500
    assert night.ended[large] <= floor + 0.1 * floor


def test_small_one_waits_for_one_step_of_a_slow_one_at_most():
    late = Job(calls=9, call_seconds=0.1, end_seconds=0.1, due_seconds=70)
    night, (*_, last) = played(SLOW, SLOW, SLOW, late)
    assert night.begun[last] - 120 <= 62
