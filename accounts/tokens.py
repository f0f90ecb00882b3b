"""API tokens: made, revoked, and told by their value, which is kept nowhere."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import sha256

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django_scopes import scopes_disabled

from accounts import audit
from accounts.models import Account, ApiToken, Membership, Role, User

PREFIX = "ptl_"
#: A token in steady use is written once in this time, not with every call.
USE_TOLD_AFTER = timedelta(minutes=1)


REFUSALS = {
    "REVOKED": "This token was revoked.",
    "EXPIRED": "This token has expired.",
    "UNBACKED": "Whoever made this token is no longer an Administrator of the account.",
}


class Refused(Exception):
    """The token does not work; the message says why, to whoever holds it."""


@transaction.atomic
def make_token(
    *,
    account: Account,
    user: User,
    name: str,
    scopes: Sequence[str],
    expires_at: datetime | None = None,
) -> tuple[ApiToken, str]:
    """Returns the row and the token itself, which is shown this once."""
    value = PREFIX + secrets.token_urlsafe(32)
    made = ApiToken.objects.create(
        account=account,
        made_by=user,
        name=name,
        scopes=list(scopes),
        hash=_hash(value),
        last4=value[-4:],
        expires_at=expires_at,
    )
    ends = expires_at.date().isoformat() if expires_at else "never"
    audit.record(
        account=account,
        kind="API_TOKEN_MADE",
        subject=str(made),
        after={"scopes": made.scopes, "expires": ends},
    )
    return made, value


@transaction.atomic
def revoke_token(*, token: ApiToken) -> None:
    """Changes nothing where it was revoked before."""
    able = ApiToken.objects.filter(pk=token.pk, revoked_at=None)
    if able.update(revoked_at=timezone.now()):
        audit.record(account=token.account, kind="API_TOKEN_REVOKED", subject=str(token))


def with_rights() -> QuerySet[ApiToken]:
    """Those in scope, each with `is_backed`: whether whoever made it is an Administrator still."""
    rights = Membership.objects.filter(
        account=OuterRef("account"), user=OuterRef("made_by"), role=Role.ADMINISTRATOR
    )
    return ApiToken.objects.select_related("made_by").annotate(
        is_backed=Exists(rights.filter(user__is_active=True))
    )


@scopes_disabled()
def token_of(value: str, *, now: datetime | None = None) -> ApiToken:
    """One query, and one write where its use was last told a minute ago. Raises Refused."""
    moment = now or timezone.now()
    found = with_rights().select_related("account").filter(hash=_hash(value)).first()
    if found is None:
        raise Refused("This token is not known.")
    code = refusal_of(found, moment)
    if code:
        raise Refused(REFUSALS[code])
    _tell_use(found, moment)
    return found


def refusal_of(token: ApiToken, now: datetime) -> str:
    """A code of REFUSALS; '' where the token works."""
    if token.revoked_at:
        return "REVOKED"
    if token.expires_at and token.expires_at <= now:
        return "EXPIRED"
    return "" if token.is_backed else "UNBACKED"


def _tell_use(token: ApiToken, now: datetime) -> None:
    told_before = now - USE_TOLD_AFTER
    if token.last_used_at is None or token.last_used_at <= told_before:
        is_due = Q(last_used_at=None) | Q(last_used_at__lte=told_before)
        ApiToken.objects.filter(is_due, pk=token.pk).update(last_used_at=now)


def _hash(value: str) -> str:
    return sha256(value.encode("utf-8", "replace")).hexdigest()
