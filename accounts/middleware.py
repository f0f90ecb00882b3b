import re
from ipaddress import ip_address
from uuid import uuid4

from django_scopes import scope, scopes_disabled

from accounts import audit
from accounts.models import Membership
from accounts.tracing import begin

SESSION_KEY = "account_id"


REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")


def name_request(get_response):
    """Give the request an id, the sender's own where it can be one, and tell it in the answer."""

    def middleware(request):
        sent = request.headers.get("X-Request-ID", "")
        request.id = sent if REQUEST_ID.fullmatch(sent) else uuid4().hex
        begin(request_id=request.id)
        response = get_response(request)
        response.headers["X-Request-ID"] = request.id
        return response

    return middleware


def audit_origin(get_response):
    """What is done in this request goes into the audit log with who sent it, and from where."""

    def middleware(request):
        user = request.user if request.user.is_authenticated else None
        origin = audit.Origin(_address(request), request.id, user)
        with audit.coming_from(origin):
            return get_response(request)

    return middleware


def _address(request) -> str | None:
    try:
        return str(ip_address(request.META.get("REMOTE_ADDR", "")))
    except ValueError:
        return None


def account_scope(get_response):
    """Put `request.account`, `request.membership` and the user's `request.memberships` on the request,
    and every query of the view into that account: the one switched to, else the first by name."""

    def middleware(request):
        request.account = request.membership = None
        if not request.user.is_authenticated:
            with scopes_disabled() if request.path.startswith("/admin/") else scope():
                return get_response(request)
        request.memberships = _memberships(request.user)
        request.membership = _chosen(request)
        if request.membership:
            request.account = request.membership.account
        if request.path.startswith("/admin/") and request.user.is_superuser:
            with scopes_disabled():
                return get_response(request)
        with scope(account=request.account):
            return get_response(request)

    return middleware


def _memberships(user) -> list[Membership]:
    mine = Membership.objects.select_related("account").filter(user=user)
    return list(mine.order_by("account__name"))


def _chosen(request) -> Membership | None:
    chosen = request.session.get(SESSION_KEY)
    mine = (each for each in request.memberships if each.account_id == chosen)
    return next(mine, next(iter(request.memberships), None))
