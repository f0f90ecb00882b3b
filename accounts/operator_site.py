"""Django's admin for the operator: superusers who have a second factor, and no model with a secret."""

from __future__ import annotations

from typing import Any

from allauth.account.decorators import secure_admin_login
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from accounts.second_factor import OPERATORS_NEED_ONE, has_factor

#: Sessions, factors and tokens are nobody's to look at.
HIDDEN_APPS = {"account", "mfa", "socialaccount", "usersessions"}


class OperatorSite(AdminSite):
    site_header = site_title = "Portal: operator"

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        models = (
            model_or_iterable
            if isinstance(model_or_iterable, list | tuple)
            else [model_or_iterable]
        )
        shown = [model for model in models if model._meta.app_label not in HIDDEN_APPS]
        super().register(shown, admin_class, **options)

    def has_permission(self, request: HttpRequest) -> bool:
        return request.user.is_active and request.user.is_superuser and has_factor(request.user)

    def login(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        return secure_admin_login(_refuse)(request)


def _refuse(request: HttpRequest) -> HttpResponse:
    if not request.user.is_superuser:
        raise PermissionDenied
    if has_factor(request.user):
        return redirect("admin:index")
    messages.warning(request, OPERATORS_NEED_ONE)
    return redirect("accounts:own")
