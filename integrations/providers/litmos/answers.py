"""What an answer of Litmos means: strict JSON, or the error that says what happens next."""

from __future__ import annotations

import json
import math
import re
import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any

from integrations.contract.errors import Credentials, Fatal, IntegrationError, Missing, Retryable
from integrations.providers.litmos.cleaning import clean_text

#: Litmos allows 100 calls a minute and refuses more with 503, saying nothing of when to come back.
THROTTLE_SECONDS = 60.0
LONGEST_WAIT_SECONDS = 900.0
LONGEST_NUMBER = 20
LONGEST_DETAIL = 200
FIELD_NAME = re.compile(r"[A-Za-z]{1,40}")
JSON_TYPES = ("application/json", "text/json")
UTF_8 = ("", "utf-8", "utf8")
CODES: dict[int, tuple[type[IntegrationError], str]] = {
    HTTPStatus.UNAUTHORIZED: (Credentials, "key_refused"),
    HTTPStatus.FORBIDDEN: (Credentials, "not_permitted"),
    HTTPStatus.NOT_FOUND: (Missing, "not_found"),
}
TRY_AGAIN = (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY)


class Unavailable(Retryable):
    """No usable answer after all tries. `cause`: unreachable, timeout or litmos_unavailable."""

    def __init__(self, cause: str, detail: str = "") -> None:
        super().__init__("litmos_unavailable", detail)
        self.cause = cause


class Throttled(Retryable):
    def __init__(self, delay_seconds: float) -> None:
        super().__init__("throttled", delay_seconds=delay_seconds)


def refused(status: int, headers: Mapping[str, str], body: bytes) -> IntegrationError | None:
    """The error that a status stands for; None for a success."""
    if 200 <= status < 300:
        return None
    if status in (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE):
        return Throttled(_delay(headers.get("Retry-After", "")))
    if status in CODES:
        kind, code = CODES[status]
        return kind(code)
    if status >= 500 or status in TRY_AGAIN:
        return Unavailable("litmos_unavailable", _line(status))
    if 300 <= status < 400:
        return Fatal("unexpected_redirect")
    return Fatal("unexpected", f"{_line(status)} {described(body)}".strip()[:LONGEST_DETAIL])


def may_work_now(error: BaseException) -> bool:
    """Whether the same call is worth another try at once."""
    is_odd = isinstance(error, Retryable) and error.code == "bad_format"
    return is_odd or isinstance(error, Unavailable)


def _line(status: int) -> str:
    known = status in set(HTTPStatus)
    return f"HTTP {status} {HTTPStatus(status).phrase}" if known else f"HTTP {status}"


def _delay(retry_after: str) -> float:
    """Seconds, from a number or a date; what can't be read means the throttle's own minute."""
    text = retry_after.strip()
    is_number = text.isascii() and text.isdigit()
    seconds = float(text[:LONGEST_NUMBER]) if is_number else _until(text)
    return min(max(seconds, 1.0), LONGEST_WAIT_SECONDS)


def _until(date: str) -> float:
    try:
        return parsedate_to_datetime(date).timestamp() - time.time()
    except (ValueError, OverflowError):
        return THROTTLE_SECONDS


def parsed(content_type: str, body: bytes, shape: type[Any]) -> Any:
    """The JSON of a body, which must be of this shape. Raises Retryable("bad_format")."""
    kind, _, parameters = content_type.lower().partition(";")
    charset = parameters.partition("charset=")[2].strip().strip('"')
    try:
        if kind.strip() not in JSON_TYPES or charset not in UTF_8:
            raise ValueError(content_type)
        value = _strict(body)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, shape):
        raise Retryable("bad_format", described(body))
    return value


def _strict(body: bytes) -> Any:
    return json.loads(
        body.decode("utf-8-sig"),
        parse_constant=_no_number,
        parse_float=_finite,
        parse_int=_whole,
    )


def _no_number(text: str) -> Any:
    raise ValueError(text)


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError("a number beyond all bounds")
    return number


def _whole(text: str) -> int:
    if len(text) > LONGEST_NUMBER:
        raise ValueError("a number beyond all bounds")
    return int(text)


def described(body: bytes) -> str:
    """What a body is, without what it says: it may be about people, and what is kept of it stays in logs."""
    try:
        value = _strict(body)
    except (ValueError, RecursionError):
        kind = "a page" if body.lstrip().startswith(b"<") else "no strict JSON"
        return f"{kind} of {len(body)} bytes" if body.strip() else "nothing"
    if not isinstance(value, dict):
        return f"JSON, a {type(value).__name__}"
    names = sorted(name for name in value if FIELD_NAME.fullmatch(name))
    return clean_text(f"JSON with {', '.join(names) or 'no known fields'}", LONGEST_DETAIL)[0]
