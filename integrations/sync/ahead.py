"""Fetches the pages that come next while the run works on the one before, a few at a time: a page that
takes two seconds would else hold a run at a third of the pace that Litmos allows.

Calls are taken from the budget here, in the order of the pages, so that whatever is fetched will be used:
a page whose turn has not come is lost only when an earlier one fails.
"""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from integrations.contract.errors import BudgetEmpty
from integrations.contract.provider import Session

#: The name of a reading method of Session, and its arguments.
Ask = tuple[str, tuple[Any, ...]]


class Ahead:
    """Belongs to one step of one run. Not for several threads at once."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self._pool: ThreadPoolExecutor | None = None
        self._forks: list[Session] = []
        self._idle: list[Session] = []
        self._coming: dict[Ask, tuple[Session, Future[Any]]] = {}
        self._is_ending = False

    def read(self, ask: Ask, upcoming: Iterable[Ask] = ()) -> Any:
        """What the session's method answers, or raises. `upcoming` are the asks after it, in order."""
        if not self.session.most_ahead:
            return _made(self.session, ask)
        if ask not in self._coming:
            self._send(ask)
        for following in () if self._is_ending else upcoming:
            if not self._sent(following):
                break
        fork, future = self._coming.pop(ask)
        try:
            return future.result()
        finally:
            self.session.calls += max(fork.calls - 1, 0)
            fork.calls = 0
            self._idle.append(fork)

    def is_coming(self, ask: Ask) -> bool:
        return ask in self._coming

    def _sent(self, ask: Ask) -> bool:
        """False when no more can be under way now."""
        if ask in self._coming:
            return True
        if len(self._coming) >= self.session.most_ahead:
            return False
        try:
            self._send(ask)
        except BudgetEmpty:
            return False
        return True

    def _send(self, ask: Ask) -> None:
        fork = self._idle.pop() if self._idle else self._new()
        try:
            fork.prepay()
        except BudgetEmpty:
            self._idle.append(fork)
            raise
        self.session.calls += 1
        self._pool = self._pool or ThreadPoolExecutor(self.session.most_ahead)
        self._coming[ask] = (fork, self._pool.submit(_made, fork, ask))

    def _new(self) -> Session:
        fork = self.session.fork()
        self._forks.append(fork)
        return fork

    def winds_down(self) -> bool:
        """The step's time is up: nothing more is sent, and True as long as pages are to be used yet."""
        self._is_ending = True
        return bool(self._coming)

    def close(self) -> None:
        if self._pool:
            self._pool.shutdown(wait=False, cancel_futures=True)
        for fork in self._forks:
            fork.close()


def _made(session: Session, ask: Ask) -> Any:
    name, arguments = ask
    return getattr(session, name)(*arguments)
