"""What a write sends, in JSON or XML, as records."""

from __future__ import annotations

import json
from typing import Any
from xml.etree import ElementTree

from .exchange import Refused, Request
from .fields import AT, BLANK_USER, Record

BOOLEANS = {name for name, value in BLANK_USER.items() if isinstance(value, bool)} | {
    "CourseTeamLibrary"
}


def not_understood() -> Refused:
    return Refused(400, "The request body is not understood")


def require_content_type(request: Request) -> None:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in ("application/json", "application/xml", "text/xml"):
        raise Refused(400, "Content-Type must be application/json or application/xml")


def one_record(request: Request) -> Record:
    content = _content(request)
    if not isinstance(content, dict):
        raise not_understood()
    return content


def ids(request: Request) -> list[str]:
    """The ids of a list of records; other keys don't matter."""
    return [str(one.get("Id") or one.get("CourseId") or "") for one in records(request)]


def records(request: Request) -> list[Record]:
    content = _content(request)
    if not isinstance(content, list) or not all(isinstance(one, dict) for one in content):
        raise not_understood()
    return content


def _content(request: Request) -> Any:
    if "json" not in request.headers.get("content-type", "").lower():
        return _from_xml(request.body)
    try:
        return json.loads(request.body)
    except ValueError:
        raise not_understood() from None


def _from_xml(body: bytes) -> Any:
    if b"<!" in body:
        raise not_understood()
    try:
        root = ElementTree.fromstring(body)  # noqa: S314 a DTD was refused above
    except ElementTree.ParseError:
        raise not_understood() from None
    if _tag(root) in ("Users", "Teams", "Courses"):
        return [_record(item) for item in root]
    return _record(root)


def _record(item: ElementTree.Element) -> Record:
    """Elements of a user out of their documented order are lost, as WCF loses them."""
    found: Record = {}
    reached = -1
    for child in item:
        name = _tag(child)
        if _tag(item) == "User" and name in AT:
            if AT[name] < reached:
                continue
            reached = AT[name]
        text = child.text or ""
        found[name] = text.strip().lower() == "true" if name in BOOLEANS else text
    return found


def _tag(item: ElementTree.Element) -> str:
    return item.tag.rpartition("}")[2]
