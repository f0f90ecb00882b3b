"""The use cases of the people who log in: who belongs to an account, and as what."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts import audit, second_factor, sessions
from accounts.addresses import address_key
from accounts.models import Account, Membership, Role, User


class AlreadyThere(Exception):
    """This address belongs to the account already, or is invited."""


class Gone(Exception):
    """The membership, or the invitation, ended in the meantime."""


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
    """Offer the user of this e-mail to belong to the account; one who is not there yet, or was switched off
    when they left their last account, is made so that they can choose a password. Raises AlreadyThere or
    SwitchedOff."""
    _lock(account)
    user = User.objects.by_address(email)
    if user and Membership.everyone.filter(user=user, account=account).exists():
        raise AlreadyThere
    user = user or _made(email)
    if not user.is_active:
        _switch_on(user)
    membership = Membership.everyone.create(
        user=user, account=account, role=role, pending_since=timezone.now()
    )
    audit.record(account=account, kind="USER_INVITED", subject=user.email, after={"role": role})
    return Invited(membership, is_new=not user.has_usable_password())


@transaction.atomic
def accept(*, user: User, pk: int) -> Membership:
    """Raises Gone."""
    membership = _invitation(user, pk)
    membership.pending_since = None
    membership.save(update_fields=["pending_since"])
    audit.record(account=membership.account, user=user, kind="INVITATION_ACCEPTED")
    return membership


@transaction.atomic
def decline(*, user: User, pk: int) -> Account:
    """Tells the account by the address that it invited. Raises Gone."""
    membership = _invitation(user, pk)
    account = membership.account
    membership.delete()
    audit.record(account=account, kind="INVITATION_DECLINED", subject=user.email)
    return account


def join_at_first_log_in(user: User) -> None:
    """Who came by an invitation, and has no other, needs not say so once more."""
    if user.last_login or user.is_staff:
        return
    mine = list(Membership.everyone.filter(user=user)[:2])
    if len(mine) == 1 and mine[0].is_pending:
        accept(user=user, pk=mine[0].pk)


def _invitation(user: User, pk: int) -> Membership:
    waiting = Membership.everyone.select_for_update(of=("self",)).select_related("account")
    try:
        return waiting.exclude(pending_since=None).get(user=user, pk=pk)
    except Membership.DoesNotExist:
        raise Gone from None


@transaction.atomic
def change_role(*, membership: Membership, role: str, session: str | None = None) -> None:
    """Logs them out where the role is another one, but for `session`. Raises LastAdministrator or Gone."""
    _lock(membership.account)
    membership = _current(membership)
    if role != Role.ADMINISTRATOR:
        _keep_one_administrator(membership)
    before = {"role": membership.role}
    audit.record_change(
        account=membership.account,
        kind="USER_ROLE_CHANGED",
        subject=membership.user.email,
        before=before,
        after={"role": role},
    )
    if role != before["role"] and not membership.is_pending:
        sessions.end_all(membership.user, but=session)
    membership.role = role
    membership.save(update_fields=["role"])


@transaction.atomic
def remove(*, membership: Membership, session: str | None = None) -> None:
    """Take somebody out of the account and log them out, but for `session`. Who is in no other can't log
    in any more. An invitation is withdrawn, and they notice nothing. Raises LastAdministrator or Gone."""
    account, user = membership.account, membership.user
    _lock(account)
    membership = _current(membership)
    _keep_one_administrator(membership)
    membership.delete()
    is_known = membership.is_pending and user.last_login
    if not (is_known or user.is_staff or Membership.everyone.filter(user=user).exists()):
        user.is_active = False
        user.save(update_fields=["is_active"])
    if not membership.is_pending:
        sessions.end_all(user, but=session)
    kind = "INVITATION_WITHDRAWN" if membership.is_pending else "USER_REMOVED"
    audit.record(account=account, kind=kind, subject=user.email)


def _made(email: str) -> User:
    try:
        with transaction.atomic():
            return User.objects.create_user(email)
    except IntegrityError:  # another account has invited the same address in this moment
        return User.objects.get(email=address_key(email))


def _switch_on(user: User) -> None:
    if user.is_staff or Membership.everyone.filter(user=user).exists():
        raise SwitchedOff
    second_factor.take_away(user)
    user.set_unusable_password()
    user.is_active, user.last_login = True, None
    user.save(update_fields=["is_active", "password", "last_login"])


def _lock(account: Account) -> None:
    """Two who remove each other at once would leave nobody."""
    Account.objects.select_for_update().get(pk=account.pk)


def _current(membership: Membership) -> Membership:
    """As it is now, which another Administrator may have changed."""
    found = Membership.everyone.select_related("user", "account").filter(pk=membership.pk).first()
    if found is None:
        raise Gone
    return found


def _keep_one_administrator(leaving: Membership) -> None:
    if leaving.is_pending:
        return
    others = Membership.objects.filter(account=leaving.account, role=Role.ADMINISTRATOR)
    if not others.exclude(pk=leaving.pk).filter(user__is_active=True).exists():
        raise LastAdministrator
