"""The limit on calls: so many in a rolling window, for each key by itself."""

from __future__ import annotations

import threading
from collections import defaultdict, deque
from collections.abc import Callable


class RollingWindow:
    """Refused calls don't count."""

    def __init__(self, limit: tuple[int, float] | None, clock: Callable[[], float]) -> None:
        self.limit = limit
        self._clock = clock
        self._lock = threading.Lock()
        self._times: defaultdict[str, deque[float]] = defaultdict(deque)

    def admits(self, key: str) -> bool:
        if self.limit is None:
            return True
        calls, seconds = self.limit
        with self._lock:
            times, moment = self._times[key], self._clock()
            while times and moment - times[0] >= seconds:
                times.popleft()
            if len(times) >= calls:
                return False
            times.append(moment)
            return True


def parse_rate(text: str) -> tuple[int, float] | None:
    """`100/60` is 100 calls in 60 seconds; `none` is no limit."""
    if text.strip().lower() == "none":
        return None
    calls, _, seconds = text.partition("/")
    limit = int(calls), float(seconds)
    if limit[0] < 1 or limit[1] <= 0:
        raise ValueError(text)
    return limit
