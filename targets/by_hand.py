"""People added and changed by an administrator's hand."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import IntegrityError, transaction
from django.utils.timezone import now

from accounts import audit
from accounts.models import Account
from groups.models import Group
from targets import tallies
from targets.emails import email_key
from targets.imports.applying import name_of
from targets.models import GroupMembership, SetBy, Target
from targets.seats import free_seats_to_take
from targets.suppression import Suppressed


class AddressTaken(Exception):
    """`target` has this address."""

    def __init__(self, target: Target) -> None:
        super().__init__(target.email)
        self.target = target


class WasErased(Exception):
    """Somebody of this address was erased, and stays out until they are let back."""


class NoSeat(Exception):
    """All seats of the account are taken."""


@transaction.atomic
def add_target(*, account: Account, values: dict[str, str], groups: Iterable[Group]) -> Target:
    """Raises AddressTaken, WasErased and NoSeat."""
    _check_address(account, values["email"])
    groups = list(groups)
    if groups and free_seats_to_take(account) == 0:
        raise NoSeat
    target = Target(account=account, **values, email_key=email_key(values["email"]))
    target.name, target.is_reachable = name_of(values), False
    try:
        with transaction.atomic():
            target.save()
    except IntegrityError:
        raise AddressTaken(Target.objects.get(email_key=target.email_key)) from None
    names = _join(target, groups)
    tallies.recount_with(account, Target.objects.filter(pk=target.pk).values_list("pk", flat=True))
    after = {name: value for name, value in values.items() if value}
    audit.record(
        account=account,
        kind="TARGET_ADDED",
        subject=str(target),
        after={**after, "groups": names, "target_id": target.pk},
    )
    return target


@transaction.atomic
def edit_target(*, target: Target, values: dict[str, str]) -> None:
    """Raises AddressTaken and WasErased; refuses nothing else, so the caller keeps to what is not synced."""
    email = values.get("email", target.email)
    if email_key(email) != target.email_key:
        _check_address(target.account, email)
    before = Target.objects.values(*values).get(pk=target.pk)
    audit.record_change(
        account=target.account,
        kind="TARGET_EDITED",
        subject=str(target),
        before=before,
        after=values,
    )
    for name, value in values.items():
        setattr(target, name, value)
    target.email_key, target.updated_at = email_key(email), now()
    target.name = name_of({name: getattr(target, name) for name in _NAMES})
    try:
        with transaction.atomic():
            target.save()
    except IntegrityError:
        raise AddressTaken(Target.objects.get(email_key=target.email_key)) from None


_NAMES = ("name", "first_name", "last_name")


@transaction.atomic
def put_into_groups(*, target: Target, groups: Iterable[Group]) -> list[str]:
    """Returns the names of those that are new. Raises NoSeat for somebody who would take one."""
    wanted = list(groups)
    if wanted and not target.is_reachable and free_seats_to_take(target.account) == 0:
        raise NoSeat
    names = _join(target, wanted)
    for group in wanted:
        tallies.recount_group(group.pk)
    if names:
        audit.record(
            account=target.account,
            kind="TARGET_JOINED",
            subject=str(target),
            after={"groups": names, "target_id": target.pk},
        )
    return names


def _check_address(account: Account, email: str) -> None:
    key = email_key(email)
    taken = Target.objects.filter(email_key=key).first()
    if taken:
        raise AddressTaken(taken)
    if Suppressed.of(account.pk).has_email(key):
        raise WasErased


def _join(target: Target, groups: Iterable[Group]) -> list[str]:
    there = set(GroupMembership.objects.filter(target=target).values_list("group_id", flat=True))
    joining = [group for group in groups if group.pk not in there]
    GroupMembership.objects.bulk_create(
        GroupMembership(account=target.account, group=group, target=target, set_by=SetBy.PERSON)
        for group in joining
    )
    return [group.name for group in joining]
