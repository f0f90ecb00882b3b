"""Log-ins and what protects them, told to the audit log of every account that the user belongs to, and to
the log for those who belong to none."""

from __future__ import annotations

import logging
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.account.signals import password_changed, password_reset, password_set
from allauth.mfa import signals as mfa
from allauth.mfa.models import Authenticator
from django.contrib.auth.signals import user_logged_in, user_login_failed
from django.dispatch import receiver
from django.http import HttpRequest

from accounts import audit, sessions
from accounts.models import Membership, User

logger = logging.getLogger(__name__)
NAMES = {
    Authenticator.Type.TOTP: "authenticator app",
    Authenticator.Type.WEBAUTHN: "passkey",
    Authenticator.Type.RECOVERY_CODES: "recovery codes",
}
#: What a log-in begins with.
METHODS = {"password": "password", "socialaccount": "single sign-on"}


@receiver(user_logged_in)
def tell_of_log_in(user: User, request: HttpRequest, **_kwargs: Any) -> None:
    sessions.begin(request)
    tell(user, "LOGGED_IN", method=_method(request, user))


@receiver(user_login_failed)
def tell_of_failed_log_in(credentials: dict[str, Any], **_kwargs: Any) -> None:
    """Only of an address that somebody has: what strangers type is not kept."""
    typed = credentials.get("email") or credentials.get("username") or ""
    user = User.objects.by_address(typed)
    if user:
        tell(user, "LOG_IN_FAILED", method=METHODS["password"])
    else:
        logger.info("LOG_IN_FAILED of an address that nobody has")


def tell_of_refused_sso(user: User, reason: str) -> None:
    tell(user, "LOG_IN_FAILED", method=METHODS["socialaccount"], reason=reason)


@receiver(password_reset)
def forgive_failed_log_ins(user: User, request: HttpRequest, **_kwargs: Any) -> None:
    """Who has just chosen a password by a mailed link logs in with it at once."""
    get_adapter()._delete_login_attempts_cached_email(request, email=user.email)


@receiver([password_changed, password_reset, password_set])
def tell_of_new_password(user: User, **_kwargs: Any) -> None:
    tell(user, "PASSWORD_CHANGED")


@receiver(mfa.authenticator_added)
def tell_of_new_factor(user: User, authenticator: Authenticator, **_kwargs: Any) -> None:
    is_codes = authenticator.type == Authenticator.Type.RECOVERY_CODES
    tell(user, "CODES_MADE" if is_codes else "SECOND_FACTOR_ADDED", _named(authenticator))


@receiver(mfa.authenticator_removed)
def tell_of_removed_factor(user: User, authenticator: Authenticator, **_kwargs: Any) -> None:
    tell(user, "SECOND_FACTOR_REMOVED", _named(authenticator))


@receiver(mfa.authenticator_reset)
def tell_of_new_codes(user: User, **_kwargs: Any) -> None:
    tell(user, "CODES_MADE")


@receiver(mfa.authenticator_used)
def tell_of_used_code(user: User, authenticator: Authenticator, **_kwargs: Any) -> None:
    """A log-in with an app or a passkey is told of as a log-in."""
    if authenticator.type == Authenticator.Type.RECOVERY_CODES:
        tell(user, "RECOVERY_CODE_USED")


@receiver(mfa.authentication_failed)
def tell_of_wrong_code(user: User, **_kwargs: Any) -> None:
    tell(user, "SECOND_FACTOR_FAILED")


def _named(authenticator: Authenticator) -> str:
    return NAMES[authenticator.type]


def _method(request: HttpRequest, user: User) -> str:
    """What it took, in its order: the last beginning and what followed."""
    steps: list[str] = []
    for record in get_authentication_records(request, user):
        if record["method"] in METHODS:
            steps = [METHODS[record["method"]]]
        elif record["method"] == "mfa":
            before = [] if record.get("passwordless") else steps
            steps = [*before, NAMES[record["type"]]]
    return ", ".join(steps)


def tell(user: User, kind: str, subject: str = "", *, method: str = "", reason: str = "") -> None:
    logger.info("%s of user %s", kind, user.pk)
    after = {"method": method} if method else {}
    for membership in Membership.objects.select_related("account").filter(user=user):
        audit.record(
            account=membership.account,
            user=user,
            kind=kind,
            subject=subject,
            after=after,
            reason=reason,
        )
