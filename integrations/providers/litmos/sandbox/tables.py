"""What the tenant's tables share: the lock, the ids, the clock and the cache of sorted lists."""

from __future__ import annotations

import base64
import random
import threading
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar, cast

from .fields import Record, Row

P = ParamSpec("P")
R = TypeVar("R")
Self = TypeVar("Self", bound="Tables")
Built = TypeVar("Built")


def utc_now() -> datetime:
    return datetime.now(UTC)


def guid(source: random.Random) -> str:
    digits = source.randbytes(16).hex()
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:]}"


def locked(
    verb: Callable[Concatenate[Self, P], R],
) -> Callable[Concatenate[Self, P], R]:
    @wraps(verb)
    def under_lock(self: Self, /, *args: P.args, **kwargs: P.kwargs) -> R:
        with self.lock:
            return verb(self, *args, **kwargs)

    return under_lock


class Ids:
    """Litmos shows older ids in 12 characters ending in 1, newer ones in 23 ending in 2."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(f"ids-{seed}")  # noqa: S311 not a secret: made-up ids
        self._number = 4_100_000

    def long(self) -> str:
        return base64.urlsafe_b64encode(self.random.randbytes(16))[:22].decode() + "2"

    def short(self) -> str:
        return base64.urlsafe_b64encode(self.random.randbytes(9))[:11].decode() + "1"

    def number(self) -> int:
        self._number += 1 + int(self.random.random() * 9)
        return self._number


@dataclass(frozen=True, slots=True)
class Link:
    """One person's place in one team. A removed place stays as an inactive row of the feed."""

    created: datetime
    updated: datetime
    is_active: bool = True
    is_leader: bool = False
    is_admin: bool = False


@dataclass(frozen=True, slots=True)
class Assignment:
    assigned: datetime
    result_id: int
    percentage: float = 0.0
    completed: datetime | None = None
    started: datetime | None = None
    is_overdue: bool = False
    updated: datetime | None = None


@dataclass(slots=True)
class Import:
    """A bulk import: asynchronous, so `rows` wait until `due`."""

    due: datetime
    rows: list[Record]
    is_mailed: bool
    created: int = 0
    failed: int = 0
    is_done: bool = False


class Tables:
    def __init__(self, *, seed: int = 1, now: Callable[[], datetime] = utc_now) -> None:
        self.lock = threading.RLock()
        self.now = now
        self.ids = Ids(seed)
        #: What Litmos would have sent: (user id, subject).
        self.mails: list[tuple[str, str]] = []
        #: The people, each a row in the order of USER_FIELDS.
        self.rows: dict[str, Row] = {}
        self._id_by_name: dict[str, str] = {}
        self._updated: dict[str, datetime] = {}
        self._teams: dict[str, Record] = {}
        self._links: dict[str, dict[str, Link]] = {}
        self._courses: dict[str, Record] = {}
        self._assigned: dict[str, dict[str, Assignment]] = {}
        #: Bulk imports by id; those with work left are done when their time has come.
        self.imports: dict[int, Import] = {}
        self.import_seconds = 0.0
        self._cache: dict[Hashable, Any] = {}

    def changed(self) -> None:
        self._cache.clear()

    def cached(self, key: Hashable, build: Callable[[], Built]) -> Built:
        if key not in self._cache:
            self._cache[key] = build()
        return cast(Built, self._cache[key])
