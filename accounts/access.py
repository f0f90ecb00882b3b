from collections.abc import Callable
from functools import wraps
from typing import TypeVar

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.reauthentication import (
    is_reauthentication_required,
    suspend_request,
)
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, resolve_url
from django.urls import reverse
from django_htmx.http import HttpResponseClientRedirect

from accounts import second_factor
from accounts.models import Membership

View = TypeVar("View", bound=Callable[..., HttpResponse])

NO_ACCOUNT = "You belong to no account yet. Ask an Administrator of yours to add you."
NOT_ADMINISTRATOR = (
    "Only an Administrator of {account} can do this, and you are a Viewer. "
    "Ask an Administrator to do it, or to make you one."
)


def member_required(view: View) -> View:
    """Let in whoever belongs to the account in use; send the others to the log-in, and an Administrator
    who lacks the second factor that the account wants to the page where it is set up."""
    return _guarded(view, lambda request: None)


def any_member_required(view: View) -> View:
    """Let in also who lacks the second factor."""
    return _guarded(view, lambda request: None, wants_factor=False)


def administrator_required(view: View) -> View:
    """Let in Administrators of the account in use; a Viewer is refused with 403."""
    return _guarded(view, _refuse_viewers)


def staff_required(view: View) -> View:
    """Let in the operator's own people, whatever account they are in, and send those without a second factor
    to where it is set up; 404 for all others."""

    @wraps(view)
    def guarded(request: HttpRequest, *args, **kwargs) -> HttpResponse:
        if not request.user.is_authenticated:
            return _log_in(request)
        if not request.user.is_staff:
            raise Http404
        if not second_factor.has_factor(request.user):
            messages.warning(request, second_factor.OPERATORS_NEED_ONE)
            return _to_own_page(request)
        return view(request, *args, **kwargs)

    return guarded


def fresh_log_in_required(view: View) -> View:
    """Ask for the password or the second factor where neither was given within half an hour, then go on
    with what was sent. Not for a request with a secret: what waits is kept in the session."""

    @wraps(view)
    def guarded(request: HttpRequest, *args, **kwargs) -> HttpResponse:
        if not is_stale(request):
            return view(request, *args, **kwargs)
        methods = get_adapter().get_reauthentication_methods(request.user)
        asked = suspend_request(request, methods[0]["url"] if methods else reverse("account_login"))
        return HttpResponseClientRedirect(asked.url) if request.htmx else asked

    return guarded


def is_stale(request: HttpRequest) -> bool:
    return is_reauthentication_required(request, app="")


def _guarded(
    view: View, check: Callable[[HttpRequest], None], *, wants_factor: bool = True
) -> View:
    @wraps(view)
    def guarded(request: HttpRequest, *args, **kwargs) -> HttpResponse:
        if not request.user.is_authenticated:
            return _log_in(request)
        if not request.membership:
            return _without_account(request)
        check(request)
        if wants_factor and second_factor.is_lacking(request.membership):
            return _to_own_page(request)
        return view(request, *args, **kwargs)

    return guarded


def _without_account(request: HttpRequest) -> HttpResponse:
    """Who is invited finds the invitation."""
    if not Membership.everyone.filter(user=request.user).exists():
        raise PermissionDenied(NO_ACCOUNT)
    return _to_own_page(request)


def _to_own_page(request: HttpRequest) -> HttpResponse:
    own = reverse("accounts:own")
    return HttpResponseClientRedirect(own) if request.htmx else redirect(own)


def _refuse_viewers(request: HttpRequest) -> None:
    if not request.membership.is_administrator:
        raise PermissionDenied(NOT_ADMINISTRATOR.format(account=request.account))


def _log_in(request: HttpRequest) -> HttpResponse:
    """The whole page goes to the log-in, also when only a part of it was asked for."""
    if request.htmx:
        page = request.htmx.current_url_abs_path or "/"
        return HttpResponseClientRedirect(redirect_to_login(page, resolve_url("account_login")).url)
    return redirect_to_login(request.get_full_path(), resolve_url("account_login"))
