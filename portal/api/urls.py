from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import render
from django.urls import URLPattern
from django.views.decorators.http import require_safe
from ninja import NinjaAPI
from ninja.operation import Operation

from accounts.access import administrator_required
from accounts.models import Membership
from portal.api.actions import router as actions
from portal.api.bearer import TokenWith
from portal.api.bodies import StrictParser, within_limit
from portal.api.calls import Call, in_account
from portal.api.described import described
from portal.api.directory import router as directory
from portal.api.guide import operations_of
from portal.api.limits import PerToken
from portal.api.problems import Problem, answer_problems
from portal.api.remediation import router as remediation
from portal.api.syncing import router as syncing


class Api(NinjaAPI):
    def get_openapi_operation_id(self, operation: Operation) -> str:
        return str(operation.view_func.__name__)


api = Api(
    title="Portal",
    version="1",
    description="For other programs. Administrators make tokens under Administration, API.",
    urls_namespace="api",
    openapi_url=None,
    docs_url=None,
    parser=StrictParser(),
    throttle=[PerToken()],
)
answer_problems(api)
for router in (directory, syncing, remediation, actions):
    router.add_decorator(within_limit, mode="view")
    router.add_decorator(in_account, mode="operation")
    api.add_router("", router)


def administrator(request: Call) -> Membership | None:
    is_one = request.membership and request.membership.is_administrator
    return request.membership if is_one else None


@api.get("/openapi.json", auth=[administrator, TokenWith()], include_in_schema=False)
def description(request: HttpRequest) -> dict[str, Any]:
    """To an Administrator who is logged in, and to whoever sends a token."""
    return described(api)


@administrator_required
@require_safe
def guide(request: HttpRequest) -> HttpResponse:
    """What may be called and how, for people: the same description, drawn without a script."""
    return render(request, "portal/api_guide.html", {"parts": operations_of(described(api))})


def _with_problems(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Another method than those of the address is a problem as well."""

    @wraps(view)
    def answered(request: HttpRequest, *args: Any, **values: Any) -> HttpResponse:
        answer = view(request, *args, **values)
        if not isinstance(answer, HttpResponseNotAllowed):
            return answer
        told = f"This address takes {answer['Allow']}."
        allow = {"Allow": answer["Allow"]}
        return Problem(405, "method_not_allowed", told, headers=allow).response()

    return answered


def _urls() -> tuple[list[Any], str, str]:
    patterns, app_name, namespace = api.urls
    for pattern in patterns:
        if isinstance(pattern, URLPattern):
            pattern.callback = _with_problems(pattern.callback)
    return patterns, app_name, namespace


urls = _urls()
