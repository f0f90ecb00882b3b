"""The shared count of calls: never above the rate, in no window, by however many processes."""

from __future__ import annotations

import multiprocessing
import os
import sqlite3
import threading
import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest
from django.core.exceptions import ImproperlyConfigured
from pyrate_limiter import Rate
from redis import Redis

from integrations import budget
from integrations.budget import FileBudget, RedisBudget
from integrations.contract.errors import BudgetEmpty, Retryable

#: The stores count in whole milliseconds of a clock that may be set; the tests read another clock.
CLOCK_SECONDS = 0.005
#: Windows are so long that no test on a busy machine comes to their end; `later` takes it there.
HOUR = 3600
STORES = ["file", pytest.param("redis", marks=pytest.mark.services)]


def server() -> Redis:
    return Redis.from_url(os.environ["REDIS_URL"], socket_timeout=5)


def made(store: str, place: str, rate: Rate):
    if store == "redis":
        return RedisBudget(server(), place, rate)
    return FileBudget(Path(place), rate)


@pytest.fixture(params=STORES)
def store(request) -> str:
    return request.param


@pytest.fixture
def place(store, tmp_path):
    """Where one budget is kept, empty."""
    if store == "file":
        yield str(tmp_path / "budget" / "key.sqlite3")
        return
    name = f"portal:test:{uuid4()}"
    yield name
    redis = server()
    redis.delete(name, *(f"{name}:{end}" for end in ("drained", "wanted", "lock")))
    redis.close()


def later(store: str, place: str, seconds: float) -> None:
    """As if so many seconds had gone by: whatever the budget keeps is so much older."""
    milliseconds = round(seconds * 1000)
    if store == "file":
        with closing(sqlite3.connect(place)) as file, file:
            file.execute(
                "UPDATE rate_bucket SET item_timestamp = item_timestamp - ?", [milliseconds]
            )
            for mark in ("drained", "wanted"):
                file.execute(f"UPDATE {mark} SET until = until - ?", [milliseconds])
        return
    with closing(server()) as redis:
        for call in redis.zrange(place, 0, -1):
            redis.zincrby(place, -milliseconds, call)
        for mark in (f"{place}:drained", f"{place}:wanted"):
            redis.pexpire(mark, redis.pttl(mark) - milliseconds)


def take_all(budget) -> tuple[int, float]:
    """How many calls there were, and the seconds until the next."""
    for taken in range(10_000):
        try:
            budget.take()
        except BudgetEmpty as error:
            return taken, error.delay_seconds
    raise AssertionError("there is no end to it")


def test_a_full_window_says_when_it_opens(store, place):
    began = time.monotonic()
    purse = made(store, place, Rate(5, HOUR * 1000))
    taken, seconds = take_all(purse)
    assert taken == 5
    assert HOUR - (time.monotonic() - began) - 0.01 < seconds <= HOUR + CLOCK_SECONDS
    later(store, place, seconds - 600)
    taken, left = take_all(purse)
    assert taken == 0
    assert 0 < left <= 600
    later(store, place, left)
    purse.take()


def test_whoever_waits_as_told_is_let_in(store, place):
    purse = made(store, place, Rate(1, HOUR * 1000))
    for _ in range(3):
        _, seconds = take_all(purse)
        later(store, place, seconds)
        purse.take()


def test_draining_stops_everybody(store, place):
    made(store, place, Rate(5, 60_000)).drain(HOUR)
    taken, seconds = take_all(made(store, place, Rate(5, 60_000)))
    assert taken == 0
    assert HOUR - 600 < seconds <= HOUR


def test_the_longer_drain_counts(store, place):
    purse = made(store, place, Rate(5, 60_000))
    purse.drain(HOUR)
    purse.drain(1)
    assert take_all(purse)[1] > HOUR - 600


def test_a_drain_ends(store, place):
    purse = made(store, place, Rate(5, HOUR * 1000))
    purse.drain(HOUR)
    taken, seconds = take_all(purse)
    later(store, place, seconds)
    assert (taken, take_all(purse)[0]) == (0, 5)


@pytest.mark.services
def test_a_redis_that_was_restarted_gets_the_script_again():
    name = f"portal:test:{uuid4()}"
    purse = RedisBudget(server(), name, Rate(5, 60_000))
    purse.take()
    purse.redis.script_flush()
    assert take_all(purse)[0] == 4
    purse.redis.delete(name)


def _together(barrier) -> None:
    barrier.wait(60)


def _work(store: str, place: str, wanted: int) -> list[tuple[float, float]]:
    """When each call was asked for, and when it was allowed."""
    purse = made(store, place, Rate(20, 500))
    calls = []
    while len(calls) < wanted:
        before = time.monotonic()
        try:
            purse.take()
        except BudgetEmpty as error:
            threading.Event().wait(error.delay_seconds)
            continue
        calls.append((before, time.monotonic()))
    return calls


@pytest.mark.processes
def test_three_processes_stay_within_every_window(store, place):
    context = multiprocessing.get_context("spawn")
    with context.Pool(3, _together, (context.Barrier(3),)) as pool:
        parts = pool.starmap(_work, [(store, place, 20)] * 3, chunksize=1)
    calls = sorted((call for part in parts for call in part), key=lambda call: call[1])
    assert len(calls) == 60
    windows = (calls[at : at + 21] for at in range(len(calls) - 20))
    assert min(w[-1][1] - min(before for before, _ in w) for w in windows) >= 0.5 - CLOCK_SECONDS


@pytest.mark.services
@pytest.mark.parametrize("store", ["redis"])
def test_what_is_kept_in_redis_ends_by_itself(store, place):
    purse = made(store, place, Rate(5, 60_000))
    purse.take()
    purse.drain(30)
    redis = server()
    left = {key.decode(): redis.pttl(key) for key in redis.scan_iter(f"{place}*")}
    redis.close()
    assert sorted(left) == [place, f"{place}:drained"]
    assert all(0 < milliseconds <= 120_000 for milliseconds in left.values())


def test_redis_is_down():
    redis = Redis.from_url("redis://127.0.0.1:1/0", socket_connect_timeout=1, socket_timeout=1)
    for ask in (
        RedisBudget(redis, "x", Rate(5, 2000)).take,
        lambda: RedisBudget(redis, "x", Rate(5, 2000)).drain(1),
    ):
        with pytest.raises(Retryable, match="budget_unavailable"):
            ask()


def test_a_damaged_file(tmp_path):
    path = tmp_path / "key.sqlite3"
    path.write_bytes(b"nothing that SQLite knows" * 100)
    with pytest.raises(Retryable, match="budget_unavailable"):
        FileBudget(path, Rate(5, 2000)).take()


def test_a_clock_that_was_put_back_blocks_for_one_window_at_most(tmp_path):
    path = tmp_path / "key.sqlite3"
    purse = FileBudget(path, Rate(1, 60_000))
    purse.take()
    with sqlite3.connect(path) as file:
        file.execute("UPDATE rate_bucket SET item_timestamp = item_timestamp + 3600000")
    file.close()
    assert take_all(purse)[1] <= 60.002


def test_each_key_has_its_own(settings, tmp_path):
    settings.REDIS_URL, settings.PORTAL_VAR, settings.LITMOS_RATE = "", str(tmp_path), "3/60"
    first, second = budget.for_key("a" * 64, "SYNC"), budget.for_key("b" * 64, "SYNC")
    assert [
        take_all(first)[0],
        take_all(second)[0],
        take_all(budget.for_key("a" * 64, "SYNC"))[0],
    ] == [
        3,
        3,
        0,
    ]
    names = sorted(path.name for path in (tmp_path / "budget").glob("*.sqlite3"))
    assert len(names) == 2 and "a" * 8 not in names[0]


def test_the_window_is_a_little_longer_than_litmos_own(settings, tmp_path):
    settings.REDIS_URL, settings.PORTAL_VAR, settings.LITMOS_RATE = "", str(tmp_path), "1/60"
    assert 60 < take_all(budget.for_key("a", "SYNC"))[1] <= 62


def for_purpose(store, place, purpose):
    return replace(made(store, place, Rate(50, 60_000)), purpose=purpose)


def test_what_the_calls_were_for(store, place):
    sync, test = (for_purpose(store, place, name) for name in ("SYNC", "TEST"))
    assert sync.used(60) == {}
    for purse in (sync, sync, test):
        purse.take()
    assert sync.used(60) == test.used(60) == {"SYNC": 2, "TEST": 1}


def test_older_calls_count_no_more(store, place):
    purse = for_purpose(store, place, "SYNC")
    purse.take()
    later(store, place, HOUR)
    assert purse.used(HOUR) == {}
    assert purse.used(2 * HOUR) == {"SYNC": 1}


def test_usage_of_a_key(settings, tmp_path):
    settings.REDIS_URL, settings.PORTAL_VAR, settings.LITMOS_RATE = "", str(tmp_path), "3/60"
    budget.for_key("a" * 64, "TEST").take()
    assert budget.usage_of("a" * 64) == budget.Usage(3, 60, {"TEST": 1})
    assert budget.usage_of("b" * 64) == budget.Usage(3, 60, {})
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    assert budget.usage_of("a" * 64) is None


@pytest.mark.parametrize(
    ("text", "rate"), [("100/60", (100, 60)), (" 5/0.5 ", (5, 0.5)), ("1/1", (1, 1))]
)
def test_rates(text, rate):
    assert budget.parse_rate(text) == rate


@pytest.mark.parametrize(
    "text", ["", "100", "0/60", "100/0", "-1/60", "1e3/60", "100/60/2", "100/nan", "a/b", "٣/٣"]
)
def test_rates_that_are_none(text):
    with pytest.raises(ImproperlyConfigured, match="LITMOS_RATE"):
        budget.parse_rate(text)


def test_a_sync_waits_while_enrolments_want_calls(store, place, monkeypatch):
    monkeypatch.setattr(budget, "WANTED_SECONDS", 600)
    sync = made(store, place, Rate(3, HOUR * 1000))
    enroll = replace(sync, purpose="ENROLL")
    test = replace(sync, purpose="TEST")
    assert take_all(sync)[0] == 3
    with pytest.raises(BudgetEmpty):
        enroll.take()
    later(store, place, HOUR)
    enroll.take()
    with pytest.raises(BudgetEmpty) as waiting:
        sync.take()
    assert 0 < waiting.value.delay_seconds <= 600
    test.take()
    enroll.take()
    later(store, place, HOUR)
    assert take_all(sync)[0] == 3


def test_enrolments_that_find_calls_leave_syncs_alone(store, place):
    sync = made(store, place, Rate(3, HOUR * 1000))
    replace(sync, purpose="ENROLL").take()
    assert take_all(sync)[0] == 2
