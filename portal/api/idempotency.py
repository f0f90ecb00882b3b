from __future__ import annotations

import json
from collections.abc import Callable
from typing import Annotated

from django.db import transaction
from django.http import HttpResponse
from ninja import Header, Schema
from pydantic import WithJsonSchema

from accounts.once import LONGEST_KEY, OtherBody, answer_once
from portal.api.calls import Call
from portal.api.problems import Problem

HEADER = "Idempotency-Key"
_KEY = {"type": "string", "pattern": f"^[!-~]{{1,{LONGEST_KEY}}}$"}
Key = Annotated[Annotated[str, WithJsonSchema(_KEY)] | None, Header(alias=HEADER)]


def respond(request: Call, carry_out: Callable[[], Schema], status: int = 200) -> HttpResponse:
    """What `carry_out` says; where the call has a key, what it said the first time. In either case all of it
    is done, or nothing."""
    key = request.headers.get(HEADER)
    if key is None:
        with transaction.atomic():
            text = _text(carry_out())
        return _json(text, status)
    _check(key)
    try:
        answer = answer_once(
            token=request.auth,
            key=key,
            body=request.path.encode() + b"\n" + request.body,
            carry_out=lambda: _text(carry_out()),
        )
    except OtherBody:
        told = f"This {HEADER} was used for another call. Take a new key for every new one."
        raise Problem(422, "key_used", told) from None
    response = _json(answer.text, status)
    if answer.is_again:
        response.headers["Idempotency-Replayed"] = "true"
    return response


def _check(key: str) -> None:
    if not 0 < len(key) <= LONGEST_KEY or not (key.isascii() and key.isprintable()):
        told = f"{HEADER} is not 1 to {LONGEST_KEY} printable characters of ASCII."
        raise Problem(400, "bad_key", told)


def _text(answer: Schema) -> str:
    return json.dumps(answer.model_dump(mode="json"))


def _json(text: str, status: int) -> HttpResponse:
    return HttpResponse(text, status=status, content_type="application/json")
