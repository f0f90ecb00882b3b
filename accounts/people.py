"""The use cases of the people who log in: who belongs to an account, and as what."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction

from accounts import audit, second_factor, sessions
from accounts.models import Account, Membership, Role, User


class AlreadyThere(Exception):
    """This address belongs to the account already."""


class SwitchedOff(Exception):
    """The operator has switched this log-in off, and an account can't undo that."""


class LastAdministrator(Exception):
    """Without them nobody could administer the account any more."""


@dataclass(frozen=True, slots=True)
class Invited:
    """`is_new`: they have no password yet, and choose one by the link that they are sent."""

    membership: Membership
    is_new: bool


@transaction.atomic
def invite(*, account: Account, email: str, role: str) -> Invited:
    """Let the user of this e-mail into the account; one who is not there yet, or was switched off when
    they left their last account, is made so that they can choose a password. Raises AlreadyThere or
    SwitchedOff."""
    _lock(account)
    user = User.objects.by_address(email)
    if user and Membership.objects.filter(user=user, account=account).exists():
        raise AlreadyThere
    user = user or User.objects.create_user(email)
    if not user.is_active:
        _switch_on(user)
    membership = Membership.objects.create(user=user, account=account, role=role)
    audit.record(account=account, kind="USER_INVITED", subject=user.email, after={"role": role})
    return Invited(membership, is_new=not user.has_usable_password())


@transaction.atomic
def change_role(*, membership: Membership, role: str, session: str | None = None) -> None:
    """Logs them out where the role is another one, but for `session`. Raises LastAdministrator."""
    _lock(membership.account)
    if role != Role.ADMINISTRATOR:
        _keep_one_administrator(membership)
    before = Membership.objects.values("role").get(pk=membership.pk)
    audit.record_change(
        account=membership.account,
        kind="USER_ROLE_CHANGED",
        subject=membership.user.email,
        before=before,
        after={"role": role},
    )
    if role != before["role"]:
        sessions.end_all(membership.user, but=session)
    membership.role = role
    membership.save(update_fields=["role"])


@transaction.atomic
def remove(*, membership: Membership, session: str | None = None) -> None:
    """Take somebody out of the account and log them out, but for `session`. Who is in no other can't log
    in any more. Raises LastAdministrator."""
    account, user = membership.account, membership.user
    _lock(account)
    _keep_one_administrator(membership)
    membership.delete()
    if not user.is_staff and not Membership.objects.filter(user=user).exists():
        user.is_active = False
        user.save(update_fields=["is_active"])
    sessions.end_all(user, but=session)
    audit.record(account=account, kind="USER_REMOVED", subject=user.email)


def _switch_on(user: User) -> None:
    if user.is_staff or Membership.objects.filter(user=user).exists():
        raise SwitchedOff
    second_factor.take_away(user)
    user.set_unusable_password()
    user.is_active = True
    user.save(update_fields=["is_active", "password"])


def _lock(account: Account) -> None:
    """Two who remove each other at once would leave nobody."""
    Account.objects.select_for_update().get(pk=account.pk)


def _keep_one_administrator(leaving: Membership) -> None:
    others = Membership.objects.filter(account=leaving.account, role=Role.ADMINISTRATOR)
    if not others.exclude(pk=leaving.pk).filter(user__is_active=True).exists():
        raise LastAdministrator
