"""What is wrong with a call, as problem+json (RFC 9457)."""

from __future__ import annotations

import logging
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, UnreadablePostError
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, Throttled, ValidationError
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)
MOST_TOLD = 20
AWAY_SECONDS = "30"
SIGN_IN = "Send the header “Authorization: Bearer …”. Administrators make tokens in the Portal."


class Problem(Exception):
    """Ends a call. `code` is what a program goes by, `detail` a sentence for a person."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        *,
        errors: list[dict[str, Any]] | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status, self.code, self.detail = status, code, detail
        self.errors, self.headers = errors, headers or {}

    def response(self) -> HttpResponse:
        content: dict[str, Any] = {
            "type": "about:blank",
            "title": HTTPStatus(self.status).phrase,
            "status": self.status,
            "code": self.code,
            "detail": self.detail,
        }
        if self.errors is not None:
            content["errors"] = self.errors
        return JsonResponse(
            content,
            status=self.status,
            content_type="application/problem+json",
            headers=self.headers,
        )


def unauthorized(detail: str, code: str = "invalid_token") -> Problem:
    return Problem(401, code, detail, headers={"WWW-Authenticate": f'Bearer error="{code}"'})


def away() -> Problem:
    told = (
        "A part of the Portal can't be reached right now. Try again in half a minute; "
        "the operator sees at /readyz what is missing."
    )
    return Problem(503, "unavailable", told, headers={"Retry-After": AWAY_SECONDS})


def answer_problems(api: NinjaAPI) -> None:
    """Let every error of the API leave as a problem."""
    handlers: dict[type[Exception], Callable[..., HttpResponse]] = {
        Problem: lambda _request, error: error.response(),
        AuthenticationError: _no_token,
        HttpError: _http_error,
        ValidationError: _not_as_described,
        Http404: not_found,
        UnreadablePostError: _cut_short,
        RedisError: _away,
        Exception: _unexpected,
    }
    for kind, handler in handlers.items():
        api.add_exception_handler(kind, handler)


def not_found(_request: HttpRequest, _error: object = None, **_parts: object) -> HttpResponse:
    return Problem(404, "not_found", "There is nothing at this address.").response()


def _no_token(_request: HttpRequest, _error: AuthenticationError) -> HttpResponse:
    problem = Problem(401, "no_token", SIGN_IN, headers={"WWW-Authenticate": "Bearer"})
    return problem.response()


def _http_error(_request: HttpRequest, error: HttpError) -> HttpResponse:
    """What the parser found is wrapped in one of these."""
    if isinstance(error.__cause__, Problem):
        return error.__cause__.response()
    if isinstance(error, Throttled):
        seconds = str(max(1, round(error.wait or 1)))
        told = f"This token has made too many calls. Wait {seconds} seconds."
        return Problem(429, "too_many_calls", told, headers={"Retry-After": seconds}).response()
    return Problem(error.status_code, "refused", str(error)).response()


def _not_as_described(_request: HttpRequest, error: ValidationError) -> HttpResponse:
    errors = [
        {"field": _field(one["loc"]), "detail": one["msg"]} for one in error.errors[:MOST_TOLD]
    ]
    first = errors[0]
    detail = f"“{first['field']}”: {first['detail']}."
    return Problem(422, "not_as_described", detail, errors=errors).response()


def _field(place: tuple[str | int, ...]) -> str:
    """In a body's place its own name comes second; that of a query or path begins with the field."""
    names = place[2:] if place[0] == "body" else place[1:]
    return ".".join(map(str, names)) or "body"


def _cut_short(_request: HttpRequest, _error: UnreadablePostError) -> HttpResponse:
    return Problem(400, "not_json", "The body ended before its length.").response()


def _away(request: HttpRequest, error: RedisError) -> HttpResponse:
    logger.error(
        "%s %s: Redis can't be reached: %s", request.method, request.path, type(error).__name__
    )
    return away().response()


def _unexpected(request: HttpRequest, error: Exception) -> HttpResponse:
    logger.error("%s %s failed", request.method, request.path, exc_info=error)
    told = f"Something went wrong on our side. Ask the operator about request {_name_of(request)}."
    return Problem(500, "unexpected", told).response()


def _name_of(request: HttpRequest) -> str:
    return str(getattr(request, "id", ""))
