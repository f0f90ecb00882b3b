from __future__ import annotations

from django.http import HttpRequest
from ninja import NinjaAPI

from accounts.models import Membership
from portal.api.actions import router as actions
from portal.api.bearer import TokenWith
from portal.api.bodies import StrictParser, within_limit
from portal.api.problems import answer_problems

api = NinjaAPI(
    title="Portal",
    version="1",
    description="For other programs. Administrators make tokens under Administration, API.",
    urls_namespace="api",
    openapi_url=None,
    docs_url=None,
    parser=StrictParser(),
)
api.add_decorator(within_limit, mode="view")
answer_problems(api)
api.add_router("", actions)


def administrator(request: HttpRequest) -> Membership | None:
    is_one = request.membership and request.membership.is_administrator
    return request.membership if is_one else None


@api.get("/openapi.json", auth=[administrator, TokenWith()], include_in_schema=False)
def description(request: HttpRequest) -> dict[str, object]:
    """To an Administrator who is logged in, and to whoever sends a token."""
    return api.get_openapi_schema()
