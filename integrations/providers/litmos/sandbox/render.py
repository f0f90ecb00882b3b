"""Records as Litmos writes them: JSON with escaped slashes and /Date(..)/, or XML without a
declaration."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import Any
from xml.sax.saxutils import escape

from .exchange import Response
from .fields import Record

JSON = "application/json; charset=utf-8"
XML = "application/xml; charset=utf-8"
NAMESPACE = 'xmlns:i="http://www.w3.org/2001/XMLSchema-instance"'
# A quote inside a text is written \", so this never matches inside one.
PRICE = re.compile(r'("Price":\d+\.\d)(?=[,}])')
NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

ERROR_PAGE = """<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN" \
"http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd">
<html xmlns="http://www.w3.org/1999/xhtml">
  <head><title>Request Error</title></head>
  <body>
    <p class="heading1">Request Error</p>
    <p>Error Status Code: 'InternalServerError'</p>
    <p>Details: The server encountered an error processing the request. \
Please see the server logs for more details.</p>
    <!-- Padding, padding, padding, padding, padding, padding, padding, padding. -->
  </body>
</html>
"""
ERROR_REASON = "The server encountered an error processing the request. Please see the server logs"


def wcf_date(moment: datetime) -> str:
    return f"/Date({int(moment.timestamp() * 1000)}-0500)/"


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return wcf_date(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")


def as_json(content: object) -> bytes:
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"), default=_plain)
    text = PRICE.sub(r"\g<1>0", text.replace("/", "\\/"))
    return text.encode("utf-8", "backslashreplace")


def as_xml(content: object, tag: str, item: str = "") -> bytes:
    """`item` names the elements of a list inside `content`."""
    inner = _inner(content, item)
    root = f"<{tag} {NAMESPACE}>{inner}</{tag}>" if inner else f"<{tag} {NAMESPACE}/>"
    return root.encode("utf-8", "xmlcharrefreplace")


def _inner(content: object, item: str) -> str:
    if isinstance(content, dict):
        return "".join(element(name, value, item) for name, value in content.items())
    if isinstance(content, list):
        return "".join(element(item, value, item) for value in content)
    return escape(NOT_XML.sub("", _text(content)))


def element(name: str, value: object, item: str = "") -> str:
    if value is None:
        return f'<{name} i:nil="true"/>'
    inner = _inner(value, item)
    return f"<{name}>{inner}</{name}>" if inner else f"<{name}/>"


def _text(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return f"{value:.2f}"
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3]
    return str(value)


def rendered(
    content: Any, *, tag: str, item: str = "", is_json: bool, status: int = 200
) -> Response:
    if is_json:
        return Response(status, as_json(content), JSON)
    return Response(status, as_xml(content, tag, item), XML)


def envelope(rows: list[Record], *, start: int, limit: int, total: int) -> Record:
    return {
        "Pagination": {
            "BatchParam": "Limit",
            "BatchSize": limit,
            "Start": start,
            "TotalCount": total,
        },
        "Items": rows,
    }


def refusal(status: int, detail: str, *, is_json: bool) -> Response:
    body = as_json({"Detail": detail}) if is_json else as_xml({"Detail": detail}, "Error")
    kind = "application/json" if is_json else XML
    return Response(status, body, kind, reason=detail)


def server_error(status: int = 500) -> Response:
    return Response(status, ERROR_PAGE.encode(), "text/html", reason=ERROR_REASON)
