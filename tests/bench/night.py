"""A night of many accounts in virtual time: the tick, opening, claiming, giving back, the order of the
queue and the counting of calls are the Portal's own, on a real database. Made up are the clock, the
broker (a list for each priority, as Celery reads Redis: a message whose time has not come waits inside
the worker that has it), the workers, and what a step does, which is calls of a fixed length."""

from __future__ import annotations

import heapq
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from unittest import mock
from uuid import uuid4

import time_machine
from django.conf import settings
from django.db.models import DateTimeField, Value
from django.utils import timezone
from django_scopes import scopes_disabled
from pyrate_limiter import InMemoryBucket, Rate

from accounts.models import Account
from integrations import budget, tasks
from integrations.contract.errors import BudgetEmpty
from integrations.models import Connection, Status, SyncRun
from integrations.services.keys import move_key
from integrations.sync import journal, store

#: Later than any night is spread to, so all are due at once, as when a scheduler comes back.
START = datetime(2026, 11, 24, 0, 30, tzinfo=UTC)
TICK_SECONDS, TICK_EXPIRES = 60.0, 50.0
NOTHING_SECONDS = 0.01


@dataclass(frozen=True, slots=True)
class Job:
    """A connection's sync: `calls` of `call_seconds` each, then `end_seconds` to plan and apply."""

    calls: int
    call_seconds: float
    end_seconds: float
    due_seconds: float = 0.0

    @property
    def work_seconds(self) -> float:
        return self.calls * self.call_seconds + self.end_seconds


@dataclass(order=True, slots=True)
class Message:
    due: float
    number: int
    run_id: int = field(compare=False)


@dataclass(slots=True)
class Worker:
    """One process. `reserved` came before its turn, `delayed` before its time."""

    busy_until: float = 0.0
    reserved: deque[Message] = field(default_factory=deque)
    delayed: list[Message] = field(default_factory=list)


class Night:
    """`begun` and `ended` map a connection's id to seconds since the start. With `is_tick_timed` the tick
    keeps its worker for as long as it took in truth."""

    def __init__(self, jobs: dict[int, Job], *, workers: int, is_tick_timed: bool = False) -> None:
        self.jobs, self.is_tick_timed = jobs, is_tick_timed
        self.at = 0.0
        self.begun: dict[int, float] = {}
        self.ended: dict[int, float] = {}
        self.sent = self.most_messages = 0
        self._workers = [Worker() for _ in range(workers)]
        self._outbox: list[tuple[float, int, int, Message]] = []
        self._queues: dict[int, deque[Message]] = {}
        self._ticks: deque[float] = deque()
        self._moments: list[float] = []
        self._buckets: dict[int, InMemoryBucket] = {}
        calls, seconds = budget.parse_rate(settings.LITMOS_RATE)
        margin = min(seconds * budget.MARGIN, budget.MOST_MARGIN_SECONDS)
        self._rate = Rate(calls, round((seconds + margin) * 1000))

    def play(self) -> None:
        next_tick = 0.0
        with self._portal() as clock:
            while len(self.ended) < len(self.jobs):
                if self.at >= next_tick:
                    self._ticks.append(self.at)
                    next_tick += TICK_SECONDS
                    heapq.heappush(self._moments, next_tick)
                clock.move_to(START + timedelta(seconds=self.at))
                self._deliver()
                for worker in self._workers:
                    self._serve(worker)
                self.at = max(self.at, heapq.heappop(self._moments))

    @contextmanager
    def _portal(self) -> Iterator[time_machine.Coordinates]:
        with ExitStack() as replaced, time_machine.travel(START, tick=False) as clock:
            for place, stand_in in (
                ("integrations.sync.journal.Now", self._now),
                ("integrations.tasks.step.apply_async", self._send),
                ("integrations.tasks.monotonic", lambda: self.at),
                ("integrations.tasks.messages", self._messages),
                ("integrations.services.advancing._work", self._work),
                ("integrations.services.advancing.tell", lambda run: None),
            ):
                replaced.enter_context(mock.patch(place, stand_in))
            yield clock

    def _now(self) -> Value:
        return Value(START + timedelta(seconds=self.at), output_field=DateTimeField())

    def _messages(self) -> int:
        return sum(map(len, self._queues.values()))

    def _send(self, *, kwargs: dict[str, int], countdown: float = 0, priority: int = 0) -> None:
        """From within a step, so at its end: nobody may read it before."""
        self.sent += 1
        message = Message(self.at + countdown, self.sent, kwargs["run_id"])
        heapq.heappush(self._outbox, (self.at, self.sent, priority, message))
        for moment in {self.at, message.due}:
            heapq.heappush(self._moments, moment)

    def _deliver(self) -> None:
        while self._outbox and self._outbox[0][0] <= self.at:
            _, _, priority, message = heapq.heappop(self._outbox)
            self._queues.setdefault(priority, deque()).append(message)
        self.most_messages = max(self.most_messages, self._messages())

    def _serve(self, worker: Worker) -> None:
        while worker.delayed and worker.delayed[0].due <= self.at:
            worker.reserved.append(heapq.heappop(worker.delayed))
        if worker.busy_until > self.at:
            if not settings.CELERY_WORKER_DISABLE_PREFETCH and not worker.reserved:
                self._fetch(worker)
        elif self._ticks and self.at - self._ticks[0] > TICK_EXPIRES:
            self._ticks.popleft()
        elif self._ticks:
            self._ticks.popleft()
            self._occupy(worker, self._tick)
        elif worker.reserved or self._fetch(worker):
            run_id = worker.reserved.popleft().run_id
            self._occupy(worker, lambda: self._step(run_id))

    def _fetch(self, worker: Worker) -> bool:
        while queue := next((q for _, q in sorted(self._queues.items()) if q), None):
            message = queue.popleft()
            if message.due <= self.at:
                worker.reserved.append(message)
                return True
            heapq.heappush(worker.delayed, message)
        return False

    def _occupy(self, worker: Worker, work: Callable[[], None]) -> None:
        begin = self.at
        work()
        worker.busy_until, self.at = self.at, begin
        heapq.heappush(self._moments, worker.busy_until)

    def _tick(self) -> None:
        begin = time.perf_counter()
        tasks.tick()
        if self.is_tick_timed:
            self.at += time.perf_counter() - begin

    def _step(self, run_id: int) -> None:
        begin = self.at
        tasks.step(run_id=run_id)
        self.at = max(self.at, begin + NOTHING_SECONDS)

    def _work(self, run: SyncRun) -> float | None:
        job, begin = self.jobs[run.connection_id], self.at
        self.begun.setdefault(run.connection_id, begin)
        while run.calls < job.calls:
            delay = self._refused(run)
            if delay or self.at - begin >= settings.STEP_SECONDS:
                journal.release(run, after_seconds=delay, is_progress=True)
                return delay
            self.at += job.call_seconds
            run.calls += 1
        self.at += job.end_seconds
        journal.close(run, status=Status.SYNCED, calls=run.calls)
        self.ended[run.connection_id] = self.at
        del self._buckets[run.connection_id]
        return None

    def _refused(self, run: SyncRun) -> float:
        """The seconds until the key may be used again, counted by the Portal's own budget."""
        bucket = self._buckets.setdefault(run.connection_id, InMemoryBucket([self._rate]))
        try:
            budget._take(bucket, "SYNC", round(self.at * 1000), 0)
        except BudgetEmpty as error:
            return error.delay_seconds or 1.0
        return 0.0


@scopes_disabled()
def connect(jobs: Iterable[Job]) -> dict[int, Job]:
    """A connection in an account of its own for each, due that long after the start."""
    jobs = list(jobs)
    accounts = [Account(name=f"Night {number}") for number in range(len(jobs))]
    store.insert(accounts)
    made = Account.objects.filter(name__startswith="Night ").order_by("pk")
    store.insert(
        [
            Connection(
                account=account,
                provider="litmos",
                region="us",
                is_active=True,
                api_key_sealed="sealed",
                auto_sync_zone="UTC",
                next_auto_sync_at=START + timedelta(seconds=job.due_seconds),
            )
            for account, job in zip(made, jobs, strict=True)
        ]
    )
    ids = Connection.objects.filter(account__in=made).order_by("account_id")
    return dict(zip(ids.values_list("pk", flat=True), jobs, strict=True))


@scopes_disabled()
def forget(jobs: Iterable[int]) -> None:
    SyncRun.objects.filter(connection__in=list(jobs)).delete()
    Account.objects.filter(name__startswith="Night ").delete()


@scopes_disabled()
def clone(number: int) -> None:
    """More accounts like Acme, with the same key at Litmos and a budget each, due now."""
    original = Connection.objects.order_by("pk")[0]
    for _ in range(number):
        account = Account.objects.create(name=f"Clone {uuid4()}")
        made = Connection(
            account=account,
            provider=original.provider,
            region=original.region,
            is_active=True,
            auto_sync_zone=account.time_zone,
            next_auto_sync_at=timezone.now(),
        )
        move_key(original, made)
        made.api_key_fingerprint = uuid4().hex
        made.save()
