"""The one place that sends webhooks over HTTP: one call, to an IP address that was looked at before."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from http.client import HTTPException
from queue import Empty, SimpleQueue
from ssl import SSLError
from typing import Any

import certifi
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError
from urllib3.exceptions import SSLError as WrappedSSLError
from urllib3.util import Retry

from webhooks.addresses import Place, is_private

CONNECT_SECONDS, READ_SECONDS, WALL_SECONDS = 5.0, 10.0, 15.0
LARGEST_ANSWER = 4096
LONGEST_DATE = 40

Resolver = Callable[[str, int], list[str]]


@dataclass(frozen=True, slots=True)
class Answer:
    """`error` is a code of `webhooks.wording.ERRORS`, '' where there was an answer; `wait` how many seconds
    its Retry-After asks for, at most six hours."""

    status: int | None = None
    text: bytes = b""
    error: str = ""
    milliseconds: int = 0
    wait: float = 0.0


class NotSent(Exception):
    """The message is the code of an Answer."""


TROUBLE = (NotSent, HTTPError, HTTPException, OSError, ValueError)


def resolve(host: str, port: int) -> list[str]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(each[4][0]) for each in found))


@dataclass(frozen=True, slots=True)
class Client:
    """Nothing of it comes from the environment: no proxy, no CA file, no password. The answer's status
    counts as soon as it is there, however the rest of it arrives."""

    is_private_allowed: bool = False
    resolver: Resolver = resolve
    ca_file: str = ""
    connect_seconds: float = CONNECT_SECONDS
    read_seconds: float = READ_SECONDS
    wall_seconds: float = WALL_SECONDS

    def post(self, place: Place, *, headers: dict[str, str], body: bytes) -> Answer:
        """Never raises because of what the network or the other side does."""
        begin = time.monotonic()
        watch = _Watch(begin + self.wall_seconds)
        try:
            with watch.running():
                found = self._sent(place, headers, body, watch)
        except TROUBLE as trouble:
            found = Answer(error=_meaning(trouble, watch.is_over))
        return replace(found, milliseconds=int((time.monotonic() - begin) * 1000))

    def _sent(self, place: Place, headers: dict[str, str], body: bytes, watch: _Watch) -> Answer:
        connection = self._connection(place, watch)
        try:
            connection.connect()
            connection.timeout = self.read_seconds
            connection.sock.settimeout(self.read_seconds)
            connection.request(
                "POST", place.path, body=body, headers=headers, preload_content=False
            )
            response = connection.getresponse()
            if watch.is_over:
                raise TimeoutError
            wait = _wait(response.headers.get("Retry-After", ""))
            return Answer(response.status, _beginning(response), wait=wait)
        finally:
            connection.close()

    def _connection(self, place: Place, watch: _Watch) -> Any:
        ips = self._checked(place, watch)

        def dial() -> socket.socket:
            return watch.keep(_dialled(ips, place.port, self.connect_seconds, watch))

        if place.scheme == "http":
            return _PinnedHTTP(dial, place, self.connect_seconds)
        return _PinnedHTTPS(
            dial,
            place,
            self.connect_seconds,
            cert_reqs="CERT_REQUIRED",
            ca_certs=self.ca_file or certifi.where(),
        )

    def _checked(self, place: Place, watch: _Watch) -> list[str]:
        """Asked for once: what is connected to is what was looked at, whatever a second look would say."""
        ips = _in_time(lambda: self.resolver(place.host, place.port), watch.left)
        if not ips:
            raise NotSent("unresolved")
        if not self.is_private_allowed and any(map(is_private, ips)):
            raise NotSent("private")
        return ips


def _in_time(ask: Callable[[], list[str]], seconds: float) -> list[str]:
    """A resolver can't be told when to stop, so it is left behind."""
    told: SimpleQueue[list[str] | None] = SimpleQueue()

    def run() -> None:
        try:
            told.put(ask())
        except (OSError, UnicodeError):
            told.put(None)

    threading.Thread(target=run, daemon=True).start()
    try:
        found = told.get(timeout=max(seconds, 0))
    except Empty:
        raise NotSent("timeout") from None
    if found is None:
        raise NotSent("unresolved")
    return found


def _dialled(ips: list[str], port: int, seconds: float, watch: _Watch) -> socket.socket:
    """The first of them that takes the connection."""
    trouble: OSError = OSError("nothing to connect to")
    for ip in ips:
        if watch.left <= 0:
            raise TimeoutError
        try:
            return socket.create_connection((ip, port), timeout=min(seconds, watch.left))
        except OSError as error:
            trouble = error
    raise trouble


def _beginning(response: Any) -> bytes:
    with suppress(*TROUBLE):
        return bytes(response.read(LARGEST_ANSWER, decode_content=False))
    return b""


def _wait(asked: str) -> float:
    """Seconds, from a number or a date; what can't be read asks for nothing."""
    try:
        return Retry().parse_retry_after(asked[:LONGEST_DATE]) if asked else 0.0
    except (HTTPError, ValueError, OverflowError):
        return 0.0


def _meaning(trouble: Exception, is_over: bool) -> str:
    if isinstance(trouble, NotSent):
        return str(trouble)
    if is_over or isinstance(trouble, TimeoutError):
        return "timeout"
    if isinstance(trouble, SSLError | WrappedSSLError):
        return "tls"
    return "unreachable" if isinstance(trouble, OSError) else "bad_answer"


class _Pinned:
    """Keeps the name for Host, SNI and the certificate, and connects to where `dial` says."""

    def __init__(
        self, dial: Callable[[], socket.socket], place: Place, seconds: float, **tls: Any
    ) -> None:
        self._dial = dial
        super().__init__(place.host, place.port, timeout=seconds, **tls)  # type: ignore[call-arg]

    def _new_conn(self) -> socket.socket:
        return self._dial()


class _PinnedHTTP(_Pinned, HTTPConnection):
    pass


class _PinnedHTTPS(_Pinned, HTTPSConnection):
    pass


class _Watch:
    """Ends a call that takes too long, wherever it hangs, by shutting its socket."""

    def __init__(self, until: float) -> None:
        self._until = until
        self._kept: socket.socket | None = None
        self.is_over = False

    @property
    def left(self) -> float:
        return self._until - time.monotonic()

    def keep(self, dialled: socket.socket) -> socket.socket:
        """Of a second descriptor: TLS takes the first one along."""
        self._kept = dialled.dup()
        if self.is_over:
            self._shut()
        return dialled

    @contextmanager
    def running(self) -> Iterator[None]:
        timer = threading.Timer(max(self.left, 0), self._end)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()
            if self._kept is not None:
                self._kept.close()

    def _end(self) -> None:
        self.is_over = True
        self._shut()

    def _shut(self) -> None:
        if self._kept is not None:
            with suppress(OSError):
                self._kept.shutdown(socket.SHUT_RDWR)
