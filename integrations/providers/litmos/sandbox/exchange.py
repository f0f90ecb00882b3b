"""One call and its answer, apart from sockets."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from .fields import Record

BASE = "/v1.svc"


@dataclass(frozen=True, slots=True)
class Call:
    """What came in, kept for looking at: without the key. `path` starts after the base address;
    status 0 says that the connection was broken off."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    status: int


@dataclass(frozen=True, slots=True)
class Request:
    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes = b""

    @classmethod
    def read(
        cls, method: str, target: str, headers: Mapping[str, str], body: bytes = b""
    ) -> Request:
        parts = urlsplit(target)
        query = {
            name.lower(): value for name, value in parse_qsl(parts.query, keep_blank_values=True)
        }
        lowered = {name.lower(): value for name, value in headers.items()}
        return cls(method, parts.path, query, lowered, body)

    @property
    def is_for_api(self) -> bool:
        return f"{self.path.lower()}/".startswith(f"{BASE}/")

    @property
    def route(self) -> str:
        return self.path[len(BASE) :] if self.is_for_api else self.path

    @property
    def segments(self) -> tuple[str, ...]:
        return tuple(unquote(part) for part in self.route.split("/") if part)

    @property
    def wants_json(self) -> bool:
        asked = self.query.get("format", "").lower()
        if asked in ("json", "xml"):
            return asked == "json"
        return "application/json" in self.headers.get("accept", "").lower()

    def flag(self, name: str, *, default: bool) -> bool:
        return self.query.get(name, str(default)).lower() in ("true", "1")

    def recorded(self, status: int) -> Call:
        headers = {name: value for name, value in self.headers.items() if name != "apikey"}
        query = {name: value for name, value in self.query.items() if name != "apikey"}
        return Call(self.method, self.route, query, headers, status)


@dataclass(slots=True)
class Response:
    """`wire` names what goes wrong while the answer is sent, with its value."""

    status: int = 200
    body: bytes = b""
    content_type: str = ""
    reason: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    wire: tuple[str, str] = ("", "")


class Refused(Exception):  # noqa: N818 an answer, not a mishap
    def __init__(self, status: int, detail: str) -> None:
        super().__init__(status, detail)
        self.status = status
        self.detail = detail


@dataclass(slots=True)
class Listing:
    """A list before it is cut into pages. `rank` is the sort key, where ties have no order."""

    keys: Sequence[Any]
    shape: Callable[[Any], Record]
    tags: tuple[str, str]
    is_enveloped: bool = False
    rank: Callable[[Any], Any] | None = None
    #: Whether a limit over the maximum is an error (406) and not just cut to the maximum.
    refuses_high_limit: bool = False


@dataclass(slots=True)
class Single:
    record: Record
    tag: str
    status: int = 200


@dataclass(slots=True)
class Done:
    """Success without a body."""

    status: int = 200


Answer = Listing | Single | Done
