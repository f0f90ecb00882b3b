"""Faults that answer in the tenant's place; a write is not carried out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus

from .exchange import Response
from .render import JSON, refusal, server_error

MAINTENANCE = """<!DOCTYPE html>
<html lang="en"><head><title>Scheduled maintenance</title></head>
<body><h1>We'll be right back</h1><p>Litmos is being updated. Please try again later.</p></body>
</html>
"""
GATEWAY = "<html><head><title>{0}</title></head><body><center><h1>{0}</h1></center></body></html>\n"


@dataclass(frozen=True, slots=True)
class Kind:
    summary: str
    make: Callable[[str], Response]


def _html(value: str) -> Response:
    return Response(200, MAINTENANCE.encode(), "text/html; charset=utf-8")


def _empty(value: str) -> Response:
    return Response(200, b"", JSON)


def _redirect(value: str) -> Response:
    return Response(302, headers={"Location": value or "/login.aspx"})


def _deep(value: str) -> Response:
    depth = int(value or 100_000)
    return Response(200, b"[" * depth + b"]" * depth, JSON)


ANSWERS = {
    "html200": Kind("a maintenance page with status 200", _html),
    "empty200": Kind("status 200 without a body", _empty),
    "redirect": Kind("302 to this address (/login.aspx)", _redirect),
    "deepnest": Kind("lists this deep inside lists (100000)", _deep),
}


def status_answer(status: int, retry_after: str, *, is_json: bool) -> Response:
    phrase = HTTPStatus(status).phrase if status in set(HTTPStatus) else "Unknown"
    if status == 500:
        response = server_error()
    elif status in (502, 504):
        body = GATEWAY.format(f"{status} {phrase}").encode()
        response = Response(status, body, "text/html")
    else:
        response = refusal(status, phrase, is_json=is_json)
    if retry_after:
        response.headers["Retry-After"] = retry_after
    return response
