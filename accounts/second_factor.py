"""Who has a second factor, who lacks one, and how a lost one is taken away."""

from __future__ import annotations

from collections.abc import Iterable

from allauth.mfa.models import Authenticator
from django.db import transaction

from accounts import audit, sessions
from accounts.models import Membership, User

FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


OPERATORS_NEED_ONE = (
    "The operator's pages need a second factor. Set up an authenticator app or a passkey first."
)


class BelongsElsewhere(Exception):
    """Another account, or the operator, relies on this factor too."""


def has_factor(user: User) -> bool:
    """Recovery codes alone are none."""
    return bool(with_factor([user.pk]))


def with_factor(users: Iterable[int]) -> set[int]:
    """Those of these user ids who have one."""
    found = Authenticator.objects.filter(user_id__in=users, type__in=FACTORS)
    return set(found.values_list("user_id", flat=True))


def is_lacking(membership: Membership | None) -> bool:
    """Whether the account wants a factor that this user hasn't got. Costs a query only where it does."""
    return bool(
        membership
        and membership.is_administrator
        and membership.account.is_mfa_required
        and not with_factor([membership.user_id])
    )


def may_be_reset(membership: Membership) -> bool:
    user = membership.user
    others = Membership.objects.filter(user=user).exclude(account=membership.account)
    return not (user.is_staff or user.is_superuser or others.exists())


@transaction.atomic
def reset_for_account(*, membership: Membership) -> None:
    """Take all factors of a user away who belongs to this account alone. Raises BelongsElsewhere, also where
    they were removed in the meantime."""
    User.objects.select_for_update().get(pk=membership.user_id)
    belongs = Membership.objects.filter(pk=membership.pk).exists()
    if not (belongs and may_be_reset(membership)):
        raise BelongsElsewhere
    take_away(membership.user)
    audit.record(
        account=membership.account, kind="SECOND_FACTOR_RESET", subject=membership.user.email
    )


@transaction.atomic
def reset_for_operator(*, user: User) -> int:
    """Take all factors of any user away; returns how many there were."""
    count = take_away(user)
    for membership in Membership.objects.select_related("account").filter(user=user):
        audit.record(account=membership.account, kind="SECOND_FACTOR_RESET", subject=user.email)
    return count


def take_away(user: User) -> int:
    """End the sessions, too: whoever found the factor may have used it."""
    count, _ = Authenticator.objects.filter(user=user).delete()
    sessions.end_all(user)
    return count
