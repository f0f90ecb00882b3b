"""Takes the good rows of a draft in: one transaction, a handful of statements."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.utils.timezone import now

from accounts import audit
from accounts.models import Account
from groups.models import Group
from groups.names import name_key
from targets import tallies
from targets.emails import email_key
from targets.imports.checking import BATCH, Checked, Wanted
from targets.models import GroupMembership, SetBy, Target
from targets.seats import free_seats_to_take


class Overtaken(Exception):
    """Somebody else has added one of these people or groups meanwhile: check again."""


@dataclass(frozen=True, slots=True)
class Imported:
    new: int
    changed: int
    joined: int
    left_out: int


def apply(
    *, account: Account, checked: Checked, groups: Iterable[Group], makes_groups: bool
) -> Imported:
    """Raises Overtaken, and then nothing is done."""
    try:
        with transaction.atomic():
            return _apply(account, checked, list(groups), makes_groups=makes_groups)
    except IntegrityError:
        raise Overtaken from None


def _apply(
    account: Account, checked: Checked, groups: list[Group], *, makes_groups: bool
) -> Imported:
    new = [one for one in checked.taken if one.target is None]
    free = free_seats_to_take(account)
    if free is not None and len(new) > free and not checked.lets_over_in:
        raise Overtaken
    _create(account, new)
    _change(checked.changed)
    joined = _join(account, checked.taken, groups, _named(account, checked, makes_groups))
    tallies.recount(account)
    counts = {
        "new": len(new),
        "changed": len(checked.changed),
        "joined": joined,
        "left_out": len(checked.errors) + (0 if checked.lets_over_in else len(checked.over)),
    }
    audit.record(account=account, kind="TARGETS_IMPORTED", subject="CSV", after=counts)
    return Imported(**counts)


def _create(account: Account, new: list[Wanted]) -> None:
    moment = now()
    rows = [
        Target(
            account=account,
            email_key=email_key(one.values["email"]),
            is_reachable=False,
            created_at=moment,
            updated_at=moment,
            **{**one.values, "name": name_of(one.values)},
        )
        for one in new
    ]
    for one, made in zip(new, Target.objects.bulk_create(rows, batch_size=BATCH), strict=True):
        one.target = made


def name_of(values: dict[str, str]) -> str:
    both = f"{values.get('first_name', '')} {values.get('last_name', '')}".strip()
    return (values.get("name") or both)[:200]


def _change(changed: list[Wanted]) -> None:
    rows, names = [], {"updated_at"}
    for one in changed:
        assert one.target is not None  # noqa: S101 - so it was sorted
        one.target.updated_at = now()
        for name, value in one.changes.items():
            setattr(one.target, name, value)
        names |= set(one.changes)
        rows.append(one.target)
    if rows:
        Target.objects.bulk_update(rows, sorted(names), batch_size=500)


def _named(account: Account, checked: Checked, makes_groups: bool) -> dict[str, Group]:
    wanted = {name_key(name) for one in checked.taken for name in one.groups}
    if makes_groups and checked.unknown_groups:
        made = [
            Group(account=account, name=name, name_key=name_key(name))
            for name in checked.unknown_groups
        ]
        Group.objects.bulk_create(made)
        names = ", ".join(checked.unknown_groups[:20])
        audit.record(account=account, kind="GROUP_CREATED", subject=names)
    return {group.name_key: group for group in Group.objects.filter(name_key__in=wanted)}


def _join(
    account: Account, taken: list[Wanted], groups: list[Group], named: dict[str, Group]
) -> int:
    pairs = {
        (group.pk, one.target.pk)
        for one in taken
        if one.target
        for group in (*groups, *_of(one, named))
    }
    there: set[tuple[int, int]] = set()
    ids = sorted({group for group, _ in pairs})
    for group_id in ids:
        members = GroupMembership.objects.filter(group_id=group_id)
        there |= {(group_id, one) for one in members.values_list("target_id", flat=True)}
    rows = [
        GroupMembership(account=account, group_id=group, target_id=target, set_by=SetBy.PERSON)
        for group, target in sorted(pairs - there)
    ]
    GroupMembership.objects.bulk_create(rows, batch_size=BATCH)
    return len(rows)


def _of(one: Wanted, named: dict[str, Group]) -> list[Group]:
    keys = map(name_key, one.groups)
    return [named[key] for key in keys if key in named]
