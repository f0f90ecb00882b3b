"""What a body may be: JSON in UTF-8, of a length that is known before it is read."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import wraps
from typing import Any, NoReturn

from django.http import HttpRequest, HttpResponse
from ninja.parser import Parser

from portal.api.problems import Problem

LARGEST = 1_000_000
SPLIT = "Split it into several calls."
Run = Callable[..., HttpResponse]


def within_limit(run: Run) -> Run:
    """Refuse what is too large, or of unknown length, before anything of it is read."""

    @wraps(run)
    def checked(request: HttpRequest, **parts: Any) -> HttpResponse:
        problem = _too_large(request)
        return problem.response() if problem else run(request, **parts)

    return checked


def _too_large(request: HttpRequest) -> Problem | None:
    length = request.headers.get("Content-Length", "").strip()
    if "Transfer-Encoding" in request.headers or (length and not length.isdecimal()):
        return Problem(411, "length_required", "Send the header “Content-Length”, and no chunks.")
    if len(length) > 18 or int(length or 0) > LARGEST:
        return Problem(413, "too_large", f"The body has more than {LARGEST:,} bytes. {SPLIT}")
    return None


class StrictParser(Parser):
    def parse_body(self, request: HttpRequest) -> Any:
        try:
            text = request.body.decode("utf-8-sig")
        except UnicodeDecodeError:
            raise Problem(400, "not_json", "The body is not UTF-8.") from None
        try:
            return json.loads(text, parse_constant=_refuse)
        except RecursionError:
            raise Problem(400, "not_json", "The body is nested too deeply.") from None
        except json.JSONDecodeError as error:
            raise Problem(400, "not_json", f"The body is not JSON: {error}.") from None
        except ValueError:
            raise Problem(400, "not_json", "A number in the body is too long.") from None


def _refuse(name: str) -> NoReturn:
    raise Problem(400, "not_json", f"The body is not JSON: it has no number {name}.")
