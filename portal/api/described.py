"""The OpenAPI description: what ninja tells, and what may go wrong with any call."""

from __future__ import annotations

from typing import Any

from ninja import NinjaAPI

from portal.api.idempotency import HEADER

PROBLEM: dict[str, Any] = {
    "title": "Problem",
    "type": "object",
    "required": ["type", "title", "status", "code", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string", "description": "What a program goes by"},
        "detail": {"type": "string", "description": "A sentence for a person"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "detail"],
                "properties": {"field": {"type": "string"}, "detail": {"type": "string"}},
            },
        },
    },
}
ANY_CALL = {
    400: "The address or the body can't be read",
    401: "No token, or one that does not work",
    403: "The token lacks the scope",
    411: "The body does not tell its length",
    413: "The body is too large",
    422: "The call is not as described",
    429: "Too many calls; the header Retry-After tells the seconds",
    503: "A part of the Portal can't be reached; the header Retry-After tells the seconds",
}
CONFLICT = "It can't be done as things are; the code says why"


def described(api: NinjaAPI) -> dict[str, Any]:
    description: dict[str, Any] = api.get_openapi_schema()
    description["components"]["schemas"]["Problem"] = PROBLEM
    for address, calls in description["paths"].items():
        for method, call in calls.items():
            call["responses"] = _whole(address, method, call)
    return description


def _whole(address: str, method: str, call: dict[str, Any]) -> dict[str, Any]:
    can_fail = dict(ANY_CALL)
    if call.get("parameters") or "requestBody" in call:
        can_fail[404] = "There is no such thing in this account"
    if method == "post":
        can_fail[409] = CONFLICT
    answers = {str(code): answer for code, answer in call["responses"].items()}
    if any(one["name"] == HEADER for one in call.get("parameters", ())):
        for answer in answers.values():
            answer["headers"] = {"Idempotency-Replayed": {"schema": {"const": "true"}}}
    return answers | {str(code): _problem(text) for code, text in sorted(can_fail.items())}


def _problem(text: str) -> dict[str, Any]:
    shape = {"schema": {"$ref": "#/components/schemas/Problem"}}
    return {"description": text, "content": {"application/problem+json": shape}}
