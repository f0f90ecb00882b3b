from __future__ import annotations

import logging
import time
from smtplib import SMTPException
from typing import Any
from urllib.parse import urlsplit

from allauth.account import app_settings
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.core import context
from allauth.core.internal import ratelimit
from django.conf import settings
from django.http import HttpRequest

from accounts import people
from accounts.models import User

logger = logging.getLogger(__name__)


class InvitationOnly(DefaultAccountAdapter):
    """Nobody signs up by themselves; an administrator or `create_account` makes users."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "too_many_login_attempts": "Too many failed tries to log in. Wait five minutes, then try again."
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """A log-in of a moment ago is as good as a password that is given again."""
        required = super().is_reauthentication_required(app=app, **kwargs)
        return required and not _has_just_logged_in(context.request)

    def login(self, request: HttpRequest, user: User) -> None:
        people.join_at_first_log_in(user)
        super().login(request, user)

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Count the try for this account and address, and for this account from anywhere."""
        super().pre_authenticate(request, **credentials)
        anywhere = ratelimit.consume(
            request,
            app="allauth.account",
            action="login_failed_anywhere",
            key=super()._get_login_attempts_cache_key(request, **credentials),
        )
        if not anywhere:
            raise self.validation_error("too_many_login_attempts")
        self._login_failed_rl_usage.usage += anywhere.usage

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        login = super()._get_login_attempts_cache_key(request, **credentials)
        return f"{login}:{ratelimit.get_ip(request)}"

    def get_reset_password_from_key_url(self, key: str) -> str:
        """Never to the host that the request names."""
        address = urlsplit(super().get_reset_password_from_key_url(key))
        return f"{settings.PORTAL_URL}{address.path}"

    def send_notification_mail(self, template_prefix: str, *args: Any, **kwargs: Any) -> None:
        """What was changed is changed, also where the mail server can't be told of it."""
        try:
            super().send_notification_mail(template_prefix, *args, **kwargs)
        except (OSError, SMTPException) as error:
            logger.warning("%s not sent: %s", template_prefix, type(error).__name__)


def _has_just_logged_in(request: HttpRequest) -> bool:
    since = time.time() - app_settings.REAUTHENTICATION_TIMEOUT
    return any(each["at"] > since for each in get_authentication_records(request, request.user))
