from __future__ import annotations

import json
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from ninja import Schema

from accounts.once import LONGEST_KEY, OtherBody, answer_once
from portal.api.problems import Problem

HEADER = "Idempotency-Key"


def respond(request: HttpRequest, carry_out: Callable[[], Schema]) -> HttpResponse:
    """What `carry_out` says; where the call has a key, what it said the first time."""
    key = request.headers.get(HEADER)
    if key is None:
        return _json(_text(carry_out()))
    _check(key)
    try:
        answer = answer_once(
            token=request.auth,
            key=key,
            body=request.body,
            carry_out=lambda: _text(carry_out()),
        )
    except OtherBody:
        told = f"This {HEADER} was used for another body. Take a new key for every new body."
        raise Problem(422, "key_used", told) from None
    response = _json(answer.text)
    if answer.is_again:
        response.headers["Idempotency-Replayed"] = "true"
    return response


def _check(key: str) -> None:
    if not 0 < len(key) <= LONGEST_KEY or not (key.isascii() and key.isprintable()):
        told = f"{HEADER} is not 1 to {LONGEST_KEY} printable characters of ASCII."
        raise Problem(400, "bad_key", told)


def _text(answer: Schema) -> str:
    return json.dumps(answer.model_dump(mode="json"))


def _json(text: str) -> HttpResponse:
    return HttpResponse(text, content_type="application/json")
