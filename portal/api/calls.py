"""A call on its way in: whose it is, and what is done in its name."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django_scopes import scope
from ninja import Schema

from accounts import audit
from accounts.models import ApiToken, Membership
from portal.api.problems import Problem

Row = TypeVar("Row", bound=Model)


class Call(HttpRequest):
    """As the middleware and `TokenWith` have left it."""

    id: str
    auth: ApiToken
    membership: Membership | None


MOST_FAULTS = 20


def in_account(operation: Callable[..., Any]) -> Callable[..., Any]:
    """Carry it out in the account of the token, and in the name of whoever made the token."""

    @wraps(operation)
    def scoped(request: Call, *args: Any, **values: Any) -> Any:
        _refuse_unknown(request, values.get("asked"))
        token = request.auth
        through = f", through the API token {token}"
        with scope(account=token.account), audit.on_behalf_of(token.made_by, through):
            return operation(request, *args, **values)

    return scoped


def found(rows: QuerySet[Row], pk: int, what: str) -> Row:
    row = rows.filter(pk=pk).first()
    if row is None:
        raise Problem(404, f"unknown_{what}", f"There is no {what} {pk} in this account.")
    return row


def _refuse_unknown(request: Call, asked: Schema | None) -> None:
    """A filter that is not known would show more than was wanted, and of two one would not count."""
    known = type(asked).model_fields if asked else {}
    faults = [_fault(name, len(values), name in known) for name, values in request.GET.lists()]
    errors = [{"field": name, "detail": detail} for name, detail in filter(None, faults)]
    if errors:
        told = f"“{errors[0]['field']}”: {errors[0]['detail']}."
        raise Problem(422, "not_as_described", told, errors=errors[:MOST_FAULTS])


def _fault(name: str, times: int, is_known: bool) -> tuple[str, str] | None:
    if not is_known:
        return name, "There is no such parameter"
    return (name, "It may be given once") if times > 1 else None
