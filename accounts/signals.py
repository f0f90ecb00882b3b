"""Log-ins, told to the audit log of every account that the user belongs to."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.signals import user_logged_in, user_login_failed
from django.dispatch import receiver

from accounts import audit
from accounts.models import Membership, User


@receiver(user_logged_in)
def tell_of_log_in(user: User, **_kwargs: Any) -> None:
    _tell(user, "LOGGED_IN")


@receiver(user_login_failed)
def tell_of_failed_log_in(credentials: dict[str, Any], **_kwargs: Any) -> None:
    """Only of an address that somebody has: what strangers type is not kept."""
    typed = credentials.get("email") or credentials.get("username") or ""
    user = User.objects.filter(email__iexact=typed).first()
    if user:
        _tell(user, "LOG_IN_FAILED")


def _tell(user: User, kind: str) -> None:
    for membership in Membership.objects.select_related("account").filter(user=user):
        audit.record(account=membership.account, user=user, kind=kind)
