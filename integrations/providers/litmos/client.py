"""Litmos' REST API (v1.svc) over HTTP: one session = one key at one address."""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import requests
import tenacity
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import DecodeError, HTTPError, ReadTimeoutError

from integrations.contract.errors import (
    BudgetEmpty,
    Credentials,
    Fatal,
    IntegrationError,
    Retryable,
)
from integrations.contract.provider import Budget
from integrations.contract.secret import Secret
from integrations.providers.litmos.answers import (
    Throttled,
    Unavailable,
    may_work_now,
    parsed,
    refused,
)
from integrations.providers.litmos.enrolling import Enrolling
from integrations.providers.litmos.limits import Limits
from integrations.providers.litmos.paging import Paging
from integrations.providers.litmos.reading import Reading
from integrations.providers.litmos.watch import Watch

FIXED = {"format": "json", "source": "Portal"}
HEADERS = {"Accept": "application/json", "Accept-Encoding": "gzip, deflate", "User-Agent": "Portal"}
CHUNK = 65_536
MASK, SHORTEST_KEY = b"****", 8


class LitmosClient(Reading, Enrolling):
    """Implements contract.provider.Session. `until` (of `time.monotonic`) ends all calls."""

    def __init__(
        self,
        *,
        base_url: str,
        api_key: Secret,
        budget: Budget,
        limits: Limits | None = None,
        until: float = float("inf"),
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.calls = 0
        self.limits = limits or Limits()
        self._base_url = base_url.rstrip("/")
        self._key = api_key
        self._budget = budget
        self._until = until
        self._sleep = sleep
        self._watch = Watch()
        self._http = requests.Session()
        self._http.trust_env = False
        self._http.headers.clear()
        self._http.mount("http://", _Adapter(self._watch))
        self._http.mount("https://", _Adapter(self._watch))
        self.page_size = self.limits.page_size
        self.most_ahead = self.limits.most_ahead
        self._prepaid = 0
        self._paging = Paging(self.page_size)
        if not _can_be_header(api_key):
            raise Credentials("key_malformed")

    def close(self) -> None:
        self._http.close()

    def fork(self) -> LitmosClient:
        """What pages have shown of the server is known to both."""
        fork = LitmosClient(
            base_url=self._base_url,
            api_key=self._key,
            budget=self._budget,
            limits=self.limits,
            until=self._until,
            sleep=self._sleep,
        )
        fork._paging = self._paging
        return fork

    def prepay(self) -> None:
        self._budget.take()
        self._prepaid += 1

    def _take(self) -> None:
        if self._prepaid:
            self._prepaid -= 1
        else:
            self._budget.take()

    def _ask(
        self,
        path: str,
        parameters: Mapping[str, int | str],
        *,
        shape: type[Any],
        body: Any = None,
    ) -> Any:
        """A call that only reads, and may be made again; with a `body` it is one that reads by POST."""
        call = _Call("GET" if body is None else "POST", path, parameters, body)
        return self._tried(lambda: self._once(call, shape))

    def _write(
        self,
        method: str,
        path: str,
        parameters: Mapping[str, int | str],
        body: Any = None,
        *,
        shape: type[Any] | None = None,
    ) -> Any:
        """Once: whether it worked is unknown after an error, so the caller looks before it asks again."""
        return self._once(_Call(method, path, parameters, body), shape)

    def _tried(self, call: Callable[[], Any]) -> Any:
        failures: list[IntegrationError] = []

        def once() -> Any:
            try:
                return call()
            except BudgetEmpty:
                if failures:
                    raise failures[-1] from None
                raise
            except Retryable as error:
                failures.append(error)
                raise

        retrying = tenacity.Retrying(
            stop=tenacity.stop_any(
                tenacity.stop_after_attempt(self.limits.tries),
                tenacity.stop_after_delay(self.limits.retry_seconds),
            ),
            wait=tenacity.wait_random_exponential(0.5, self.limits.longest_pause_seconds),
            retry=tenacity.retry_if_exception(may_work_now),
            sleep=self._sleep,
            reraise=True,
        )
        return retrying(once)

    def _once(self, call: _Call, shape: type[Any] | None) -> Any:
        """With no `shape` only the status counts: Litmos answers writes with an empty body."""
        self._take()
        self.calls += 1
        answer = self._fetch(call)
        error = refused(answer.status, answer.headers, answer.body)
        if isinstance(error, Throttled):
            self._budget.drain(error.delay_seconds or 0)
        if error:
            raise error
        if shape is None:
            return None
        return parsed(answer.headers.get("Content-Type", ""), answer.body, shape)

    def _fetch(self, call: _Call) -> _Answer:
        seconds = min(self.limits.wall_seconds, self._until - time.monotonic())
        if seconds <= 0:
            raise Unavailable("timeout", "no time left")
        try:
            with self._watch.running(seconds):
                return self._received(call)
        except (requests.RequestException, HTTPError, OSError) as error:
            trouble = _meaning(error, is_over=self._watch.is_over)
        # Raised out here, because the error above leads to the request and its headers.
        raise trouble

    def _received(self, call: _Call) -> _Answer:
        with self._http.request(
            call.method,
            self._base_url + call.path,
            params={**call.parameters, **FIXED},
            json=call.body,
            headers={**HEADERS, "apikey": self._key.reveal()},
            timeout=(self.limits.connect_seconds, self.limits.read_seconds),
            allow_redirects=False,
            stream=True,
        ) as response:
            is_page = response.status_code < 300
            body = self._body(response) if is_page else response.raw.read1(CHUNK)
        if self._watch.is_over:
            raise Unavailable("timeout", f"no whole answer in {self.limits.wall_seconds:.0f} s")
        return _Answer(response.status_code, response.headers, self._masked(body or b""))

    def _body(self, response: requests.Response) -> bytes:
        """`read1` comes back after each part, so that size and time are seen to while it goes on."""
        parts, size = [], 0
        while part := response.raw.read1(CHUNK, decode_content=True):
            size += len(part)
            if size > self.limits.largest_body:
                raise Fatal("too_large", f"a page of more than {self.limits.largest_body:,} bytes")
            parts.append(part)
        return b"".join(parts)

    def _masked(self, body: bytes) -> bytes:
        """A body's beginning may end up in a log, and some servers print the headers they got."""
        if len(self._key.reveal()) < SHORTEST_KEY:
            return body
        return body.replace(self._key.reveal().encode(), MASK)


@dataclass(frozen=True, slots=True)
class _Call:
    method: str
    path: str
    parameters: Mapping[str, int | str]
    body: Any = None


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes


def _can_be_header(key: Secret) -> bool:
    return key.reveal().isascii() and key.reveal().isprintable() and bool(key.reveal().strip())


def _meaning(error: Exception, *, is_over: bool) -> IntegrationError:
    kind = type(error).__name__
    if is_over or isinstance(error, requests.Timeout | ReadTimeoutError):
        return Unavailable("timeout", "no answer in time")
    if isinstance(error, DecodeError):
        return Retryable("bad_format", kind)
    if isinstance(error, requests.exceptions.SSLError) and not _was_hung_up(error):
        return Fatal("tls")
    if isinstance(error, ValueError) and not isinstance(error, requests.ConnectionError):
        return Fatal("unexpected", kind)
    return Unavailable("unreachable", kind)


def _was_hung_up(error: BaseException | None) -> bool:
    """Whether a TLS error is only a connection that was closed, which may work the next time."""
    while error is not None:
        if isinstance(error, ssl.SSLEOFError):
            return True
        error = error.__context__
    return False


class _Adapter(HTTPAdapter):
    def __init__(self, watch: Watch) -> None:
        self._watch = watch
        super().__init__(pool_connections=1, pool_maxsize=1)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {
            "http": _watched(HTTPConnectionPool, HTTPConnection, self._watch),
            "https": _watched(HTTPSConnectionPool, HTTPSConnection, self._watch),
        }


def _watched(pool: type[Any], connection: type[Any], watch: Watch) -> type[Any]:
    class Watched(connection):
        def connect(self) -> None:
            watch.connection = self
            super().connect()

        def getresponse(self) -> Any:
            watch.socket = self.sock
            return super().getresponse()

    return type(pool.__name__, (pool,), {"ConnectionCls": Watched})
