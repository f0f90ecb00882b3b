"""Where a worker is disturbed: around each call to Litmos, and at each write to the database.

What was called is kept, with what it changed at Litmos.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection as database

from integrations.contract.errors import BudgetEmpty
from integrations.providers.litmos.answers import Unavailable
from integrations.providers.litmos.sandbox import imports
from integrations.providers.litmos.sandbox.tenant import Tenant
from tests.training.histories.clock import Clock

Pair = tuple[str, str]
WRITES = ("POST", "DELETE", "PUT")


class Killed(BaseException):
    """Stands for SIGKILL: nothing of the worker's own code runs after it."""


@dataclass
class Call:
    """One call of a worker. `named` are the (user id, course id) that it asks for; `is_late` says that the
    lane had been taken over when it was sent; `added` and `removed` are what it changed."""

    at: datetime
    method: str
    path: str
    is_mailed: bool = False
    named: frozenset[Pair] = frozenset()
    before: frozenset[Pair] = frozenset()
    added: frozenset[Pair] = frozenset()
    removed: frozenset[Pair] = frozenset()
    is_sent: bool = False
    is_late: bool = False
    status: int = 0

    @property
    def is_asking(self) -> bool:
        return self.method == "POST" and (
            self.path == "/bulkimports"
            or self.path.endswith("/courses")
            and self.path != "/users/courses"
        )

    @property
    def is_write(self) -> bool:
        return self.method in WRITES and self.path != "/users/courses"


@dataclass
class Disturbance:
    """`what` happens at the n-th event of its kind: die (call or write), stall, lost, unsent, budget."""

    what: str = ""
    at: int = 0
    place: str = "call"


@dataclass
class Worker:
    disturbance: Disturbance
    is_late: bool = False
    may_still_send: bool = False
    seen: dict[str, int] = field(default_factory=dict)

    def is_time_for(self, what: str, place: str) -> bool:
        """Counts the event."""
        wanted = self.disturbance
        if (wanted.what, wanted.place) != (what, place):
            return False
        self.seen[place] = self.seen.get(place, 0) + 1
        return self.seen[place] == wanted.at + 1


class Seam:
    """`overtake` lets another worker go on while this one is not heard of, and says whether it did;
    `check` is told each call that writes before it is sent."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.calls: list[Call] = []
        self.workers: list[Worker] = []
        self.overtake: Callable[[], bool] = lambda: False
        self.check: Callable[[Call], None] = lambda call: None
        self.sent: Callable[[Call, list[str]], None] = lambda call, mailed: None
        self.tenant = Tenant()
        self.done: Counter[str] = Counter()

    @contextmanager
    def watching(self) -> Iterator[None]:
        with database.execute_wrapper(self._write):
            yield

    @contextmanager
    def worker(self, disturbance: Disturbance) -> Iterator[Worker]:
        made = Worker(disturbance)
        self.workers.append(made)
        try:
            yield made
        finally:
            self.workers.remove(made)

    def take(self) -> None:
        """The budget's: may this call be made?"""
        if self.workers and self.workers[-1].is_time_for("budget", "call"):
            self.done["budgets empty"] += 1
            raise BudgetEmpty(7)

    def drain(self, seconds: float) -> None:
        return None

    def present(self) -> frozenset[Pair]:
        with self.tenant.lock:
            imports.run_due(self.tenant)
            return frozenset((user, course) for user, course, _ in self.tenant.all_assignments())

    def fetch(self, real: Callable[..., Any], client: Any, raw: Any) -> Any:
        if not self.workers:
            return real(client, raw)
        if raw.path == "/users/courses":
            # Pages are small here, but nobody reads more people at once than a page holds.
            raw.parameters["limit"] = 1000
        worker = self.workers[-1]
        call = self._call(raw)
        self._before(worker, call)
        answer = self._send(real, client, raw, call, worker)
        self._after(worker)
        return answer

    def _call(self, raw: Any) -> Call:
        path = raw.path
        is_mailed = raw.parameters.get("sendmessage") == "true"
        return Call(self.clock.now(), raw.method, path, is_mailed, self._named(raw))

    def _named(self, raw: Any) -> frozenset[Pair]:
        if raw.path == "/bulkimports":
            by_code = {
                one["CourseCodeForBulkImport"]: key for key, one in self.tenant.courses.items()
            }
            return frozenset(
                (self.tenant.user_id(row["Username"]) or "", by_code.get(value, ""))
                for row in raw.body
                for name, value in row.items()
                if name != "Username"
            )
        parts = raw.path.strip("/").split("/")
        if raw.method == "POST" and len(parts) == 3:
            return frozenset((parts[1], one["Id"]) for one in raw.body)
        return frozenset([(parts[1], parts[3])]) if raw.method == "DELETE" else frozenset()

    def _before(self, worker: Worker, call: Call) -> None:
        if worker.is_late:
            call.is_late = True
        if worker.is_time_for("die", "before"):
            self.done["kills"] += 1
            raise Killed
        if worker.is_time_for("stall", "before"):
            self._stall(worker)
            call.is_late, worker.may_still_send = worker.is_late, True
        if worker.is_time_for("unsent", "call"):
            self.done["lost answers"] += 1
            self.sent(call, [])
            raise Unavailable("timeout", "not sent")

    def _send(self, real: Any, client: Any, raw: Any, call: Call, worker: Worker) -> Any:
        if call.is_write:
            call.before = self.present()
            if call.is_late and not worker.may_still_send:
                raise AssertionError(f"A worker that was taken over sends {call}")
            worker.may_still_send = False
            self.calls.append(call)
            self.check(call)
        before = len(self.tenant.mails)
        try:
            answer = real(client, raw)
            call.is_sent, call.status = True, answer.status
        finally:
            after = self.present() if call.is_write else frozenset()
            call.added, call.removed = after - call.before, call.before - after
            self.sent(call, [user for user, _ in self.tenant.mails[before:]])
        return answer

    def _after(self, worker: Worker) -> None:
        if worker.is_time_for("die", "after"):
            self.done["kills"] += 1
            raise Killed
        if worker.is_time_for("lost", "call"):
            self.done["lost answers"] += 1
            raise Unavailable("timeout", "no answer in time")
        if worker.is_time_for("stall", "after"):
            self._stall(worker)

    def _stall(self, worker: Worker) -> None:
        worker.is_late = self.overtake()

    def _write(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        is_write = sql.lstrip(" \n-").startswith(("INSERT", "UPDATE", "DELETE"))
        if is_write and self.workers and self.workers[-1].is_time_for("die", "write"):
            self.done["kills"] += 1
            raise Killed
        return execute(sql, params, many, context)
