"""The e-mail that lets somebody in."""

from __future__ import annotations

import logging
from smtplib import SMTPException

from allauth.account.adapter import get_adapter
from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.urls import reverse

from accounts.models import Membership, User

logger = logging.getLogger(__name__)


def send(*, membership: Membership, invited_by: User) -> bool:
    """Whether it could be sent. Whoever has no password yet gets a link to choose one, which works once."""
    user = membership.user
    is_new = not user.has_usable_password()
    path = _password_path(user) if is_new else reverse("accounts:own")
    context = {
        "membership": membership,
        "invited_by": invited_by,
        "is_new": is_new,
        "days": settings.PASSWORD_RESET_TIMEOUT // 86_400,
        "link": f"{settings.PORTAL_URL}{path}",
    }
    try:
        get_adapter().send_mail("account/email/invitation", user.email, context)
    except (OSError, SMTPException) as error:
        logger.warning("invitation of user %s not sent: %s", user.pk, type(error).__name__)
        return False
    return True


def _password_path(user: User) -> str:
    key = default_token_generator.make_token(user)
    words = {"uidb36": user_pk_to_url_str(user), "key": key}
    return reverse("account_reset_password_from_key", kwargs=words)
