"""A limit on how long a call may take as a whole."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from socket import SHUT_RDWR, socket
from typing import Protocol


class Connection(Protocol):
    sock: socket | None


class Watch:
    """Ends a call that takes too long, wherever it hangs, by shutting its socket."""

    def __init__(self) -> None:
        self.connection: Connection | None = None
        self.socket: socket | None = None
        self.is_over = False

    @contextmanager
    def running(self, seconds: float) -> Iterator[None]:
        self.is_over, self.socket = False, None
        timer = threading.Timer(seconds, self._end)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def _end(self) -> None:
        self.is_over = True
        for held in (self.socket, getattr(self.connection, "sock", None)):
            if held is not None:
                with suppress(OSError):
                    # Not SSLSocket's own, which would pull the TLS layer from under the reader.
                    socket.shutdown(held, SHUT_RDWR)
