"""allauth's pages of logging in, where the Portal differs: too many tries are answered with 429, and there
may be a log-in of the company's own."""

from __future__ import annotations

from typing import Any

from allauth.account.views import LoginView
from allauth.mfa.base.views import AuthenticateView
from django.conf import settings
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

TOO_MANY = "too_many_login_attempts"


class LogIn(LoginView):
    def form_invalid(self, form: Form) -> HttpResponse:
        return _slowed_down(super().form_invalid(form), form)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"sso_name": sso_name()}


class GiveSecondFactor(AuthenticateView):
    def form_invalid(self, form: Form) -> HttpResponse:
        return _slowed_down(super().form_invalid(form), form)


def _slowed_down(response: HttpResponse, form: Form) -> HttpResponse:
    errors = (error for errors in form.errors.as_data().values() for error in errors)
    if any(error.code == TOO_MANY for error in errors):
        response.status_code = 429
    return response


def sso_name() -> str:
    """'' where there is no single sign-on."""
    apps = settings.SOCIALACCOUNT_PROVIDERS.get("openid_connect", {}).get("APPS", [])
    return apps[0]["name"] if apps else ""


def to_own_page(request: HttpRequest) -> HttpResponse:
    """Where allauth goes after a change, all of it is on one page."""
    return redirect("accounts:own")
