"""How many calls a key may still make, shared by every process: kept in Redis, else in a file.

The window rolls: never more calls than the rate in any span of its length. Counting is done under a
lock, since two counters that read their clocks before either has written could both take the last call.
"""

from __future__ import annotations

import re
import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path
from typing import TypeVar, cast

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from pyrate_limiter import Rate, RateItem, RedisBucket, SQLiteBucket
from pyrate_limiter.abstracts import AbstractBucket
from redis import Redis
from redis.exceptions import NoScriptError, RedisError
from redis.lock import Lock

from integrations.contract.errors import BudgetEmpty, Retryable
from integrations.contract.provider import Budget

TIMEOUT_SECONDS = 5
#: A call is counted before it is sent and the vendor counts it when it arrives; the first one also
#: connects. The window is this much longer, or the call after a full one would come too early.
MARGIN = 1 / 24
MOST_MARGIN_SECONDS = 0.5
LOCK_PAUSE_SECONDS = 0.01
Result = TypeVar("Result")
#: One row each: until when nobody may call, and until when syncs leave the calls to enrolments.
MARKS = (
    "CREATE TABLE IF NOT EXISTS drained (until INTEGER NOT NULL);"
    "CREATE TABLE IF NOT EXISTS wanted (until INTEGER NOT NULL);"
)
FIRST, LAST = "ENROLL", "SYNC"
#: Between two calls of enrolments, however slowly they are answered.
WANTED_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Usage:
    """`used` maps a purpose to its calls of the last `seconds`; more than `calls` are never made."""

    calls: int
    seconds: float
    used: dict[str, int]

    @property
    def total(self) -> int:
        return sum(self.used.values())


def parse_rate(text: str) -> tuple[int, float]:
    """'100/60' is 100 calls in any 60 seconds."""
    match = re.fullmatch(r"(\d{1,6})/(\d{1,5}(?:\.\d{1,3})?)", text.strip(), re.ASCII)
    if not match or not int(match[1]) or not float(match[2]):
        raise ImproperlyConfigured(f"LITMOS_RATE is calls/seconds, such as 100/60, not “{text}”.")
    return int(match[1]), float(match[2])


def for_key(fingerprint: str, purpose: str) -> Budget:
    """The budget of the key with this fingerprint; its calls are counted as made for `purpose`: SYNC,
    TEST, ONE or ENROLL. Once ENROLL found it empty, SYNC waits until it has what it wants. Nothing is
    opened before the first call."""
    return _of_key(fingerprint, purpose)


def usage_of(fingerprint: str) -> Usage | None:
    """How far the key's budget is used now; None when the count can't be read."""
    calls, seconds = parse_rate(settings.LITMOS_RATE)
    try:
        used = _of_key(fingerprint, "").used(seconds)
    except Retryable:
        return None
    return Usage(calls, seconds, used)


def _of_key(fingerprint: str, purpose: str) -> RedisBudget | FileBudget:
    calls, seconds = parse_rate(settings.LITMOS_RATE)
    margin = min(seconds * MARGIN, MOST_MARGIN_SECONDS)
    rate = Rate(calls, round((seconds + margin) * 1000))
    name = blake2b(fingerprint.encode(), digest_size=16).hexdigest()
    if settings.REDIS_URL:
        return RedisBudget(_redis(settings.REDIS_URL), f"portal:budget:{name}", rate, purpose)
    path = Path(settings.PORTAL_VAR) / "budget" / f"{name}.sqlite3"
    return FileBudget(path, rate, purpose)


@lru_cache(maxsize=4)
def _redis(url: str) -> Redis:
    return Redis.from_url(
        url, socket_connect_timeout=TIMEOUT_SECONDS, socket_timeout=TIMEOUT_SECONDS
    )


def _take(bucket: AbstractBucket, purpose: str, now: int, drained_until: int) -> None:
    if drained_until > now:
        raise BudgetEmpty((drained_until - now) / 1000)
    bucket.leak(now)
    item = RateItem(purpose, now)
    if not bucket.put(item):
        raise BudgetEmpty(max(cast(int, bucket.waiting(item)), 1) / 1000)


@contextmanager
def _wanting(purpose: str, *, is_wanted: bool, want: Callable[[float], None]) -> Iterator[None]:
    """What goes first keeps its claim from the moment it had to wait until it asks no more."""
    try:
        yield
    except BudgetEmpty as error:
        if purpose == FIRST:
            want((error.delay_seconds or 0) + WANTED_SECONDS)
        raise
    if purpose == FIRST and is_wanted:
        want(WANTED_SECONDS)


@contextmanager
def _kept(*errors: type[Exception]) -> Iterator[None]:
    try:
        yield
    except errors as error:
        raise Retryable("budget_unavailable", type(error).__name__) from None


@dataclass(frozen=True, slots=True)
class RedisBudget:
    """By the clock of Redis, which all machines share. Every key expires by itself."""

    redis: Redis
    name: str
    rate: Rate
    purpose: str = "SYNC"

    def take(self) -> None:
        with _kept(RedisError), self._lock():
            now, blocked, wanted = self._state()
            if self.purpose == LAST:
                blocked = max(blocked, wanted)
            with _wanting(self.purpose, is_wanted=wanted > 0, want=self._want):
                self._take(now, now + blocked)
            self.redis.pexpire(self.name, 2 * self.rate.interval)

    def _take(self, now: int, drained_until: int) -> None:
        try:
            _take(self._bucket(), self.purpose, now, drained_until)
        except NoScriptError:
            _script.cache_clear()
            _take(self._bucket(), self.purpose, now, drained_until)

    def _bucket(self) -> RedisBucket:
        return RedisBucket([self.rate], self.redis, self.name, _script(self.redis))

    def used(self, seconds: float) -> dict[str, int]:
        with _kept(RedisError):
            since = self._now() - round(seconds * 1000)
            calls = cast(list[bytes], self.redis.zrangebyscore(self.name, f"({since}", "+inf"))
        return dict(Counter(call.decode().partition(":")[0] for call in calls))

    def drain(self, seconds: float) -> None:
        with _kept(RedisError), self._lock():
            wanted = max(round(seconds * 1000), 1)
            if self._left(self._drained) < wanted:
                self.redis.set(self._drained, 1, px=wanted)

    def _want(self, seconds: float) -> None:
        self.redis.set(self._wanted, 1, px=round(seconds * 1000))

    def _left(self, mark: str) -> int:
        return max(int(self.redis.pttl(mark)), 0)

    @property
    def _drained(self) -> str:
        return f"{self.name}:drained"

    @property
    def _wanted(self) -> str:
        return f"{self.name}:wanted"

    def _lock(self) -> Lock:
        lock: Lock = self.redis.lock(
            f"{self.name}:lock",
            timeout=TIMEOUT_SECONDS,
            blocking_timeout=2 * TIMEOUT_SECONDS,
            sleep=LOCK_PAUSE_SECONDS,
        )
        return lock

    def _now(self) -> int:
        return _milliseconds(self.redis.time())

    def _state(self) -> tuple[int, int, int]:
        """The time, and for how long it is drained and wanted: all asked for at once."""
        ask = self.redis.pipeline(transaction=False)
        now, drained, wanted = ask.time().pttl(self._drained).pttl(self._wanted).execute()
        return _milliseconds(now), max(int(drained), 0), max(int(wanted), 0)


def _milliseconds(moment: tuple[int, int]) -> int:
    seconds, microseconds = moment
    return int(seconds) * 1000 + int(microseconds) // 1000


@lru_cache(maxsize=4)
def _script(redis: Redis) -> str:
    """Sent once. Redis forgets it when it is restarted."""
    return RedisBucket.init([Rate(1, 1)], redis, "").script_hash


@dataclass(frozen=True, slots=True)
class FileBudget:
    """One SQLite file, opened for each call: any process and any thread may ask."""

    path: Path
    rate: Rate
    purpose: str = "SYNC"

    def take(self) -> None:
        self._locked(self._take)

    def used(self, seconds: float) -> dict[str, int]:
        return self._locked(lambda bucket, now: _counted(bucket, now - round(seconds * 1000)))

    def drain(self, seconds: float) -> None:
        self._locked(lambda bucket, now: _mark(bucket.conn, "drained", now + round(seconds * 1000)))

    def _take(self, bucket: SQLiteBucket, now: int) -> None:
        blocked, wanted = _until(bucket.conn, "drained"), _until(bucket.conn, "wanted")
        if self.purpose == LAST:
            blocked = max(blocked, wanted)

        def want(seconds: float) -> None:
            _mark(bucket.conn, "wanted", now + round(seconds * 1000))

        with _wanting(self.purpose, is_wanted=wanted > now, want=want):
            _take(bucket, self.purpose, now, blocked)

    def _locked(self, work: Callable[[SQLiteBucket, int], Result]) -> Result:
        with _kept(sqlite3.Error, OSError):
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            bucket = SQLiteBucket.init_from_file(
                [self.rate], db_path=str(self.path), use_file_lock=True
            )
            with closing(bucket), bucket.lock:
                bucket.conn.executescript(MARKS)
                now = time.time_ns() // 1_000_000
                self._forget_the_future(bucket, now)
                return work(bucket, now)

    def _forget_the_future(self, bucket: SQLiteBucket, now: int) -> None:
        """After the clock was put back, calls of then would block the key for as long."""
        with bucket.conn:
            bucket.conn.execute(
                f"UPDATE {bucket.table} SET item_timestamp = ? WHERE item_timestamp > ?",  # noqa: S608 the library's own table
                (now, now),
            )


def _counted(bucket: SQLiteBucket, since: int) -> dict[str, int]:
    rows = bucket.conn.execute(
        f"SELECT name, count(*) FROM {bucket.table} WHERE item_timestamp > ? GROUP BY name",  # noqa: S608 the library's own table
        (since,),
    )
    return dict(rows.fetchall())


def _until(connection: sqlite3.Connection, mark: str) -> int:
    (until,) = connection.execute(f"SELECT max(until) FROM {mark}").fetchone()  # noqa: S608 one of ours
    return until or 0


def _mark(connection: sqlite3.Connection, mark: str, until: int) -> None:
    until = max(until, _until(connection, mark))
    with connection:
        connection.execute(f"DELETE FROM {mark}")  # noqa: S608 one of ours
        connection.execute(f"INSERT INTO {mark} VALUES (?)", (until,))  # noqa: S608 one of ours
