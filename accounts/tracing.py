"""What a line of the log belongs to: a request, a task, a sync."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_bound: ContextVar[dict[str, str | int]] = ContextVar("bound")


@contextmanager
def bound(**ids: str | int) -> Iterator[None]:
    """Put these on each line that is logged meanwhile. Ids alone: never a name or an address."""
    token = _bound.set({**bound_now(), **ids})
    try:
        yield
    finally:
        _bound.reset(token)


def begin(**ids: str | int) -> None:
    """As `bound`, until this thread begins with something else: what Django logs of a request comes after
    all middleware."""
    _bound.set(ids)


def bound_now() -> dict[str, str | int]:
    return _bound.get({})
