"""Faults in the bytes of a body that has been written properly."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from .exchange import Response


@dataclass(frozen=True, slots=True)
class Kind:
    summary: str
    change: Callable[[bytes, str], bytes]


def _nan(body: bytes, value: str) -> bytes:
    number = {"": "NaN", "huge": "9" * 5000}.get(value, value)
    return body.replace(b"{", b'{"Score":' + number.encode() + b",", 1)


def _object(body: bytes, value: str) -> bytes:
    return b'{"Rows":' + body + b"}"


def _truncated(body: bytes, value: str) -> bytes:
    return body[: len(body) // 2]


def _latin1(body: bytes, value: str) -> bytes:
    """Holds at least one byte that is not UTF-8, whoever is on the page."""
    marked = body.replace(b"{", '{"Note":"Café",'.encode(), 1)
    return marked.decode().encode("latin-1", "replace")


def _utf16(body: bytes, value: str) -> bytes:
    return body.decode().encode("utf-16")


def _bom(body: bytes, value: str) -> bytes:
    return b"\xef\xbb\xbf" + body


def _unchanged(body: bytes, value: str) -> bytes:
    return body


BODY_FAULTS = {
    "xml": Kind("XML, although JSON was asked for", _unchanged),
    "object": Kind("an object around the list", _object),
    "nan": Kind("a number NaN (=1e999 or =huge: that number)", _nan),
    "truncated": Kind("the body ends half-way, its length says so", _truncated),
    "latin1": Kind("the body is Latin-1 although the header says UTF-8", _latin1),
    "utf16": Kind("the body is UTF-16 although the header says UTF-8", _utf16),
    "bom": Kind("a byte order mark before the body", _bom),
}


def changed_body(response: Response, name: str, value: str) -> Response:
    return replace(response, body=BODY_FAULTS[name].change(response.body, value))
