"""The use cases of Manage Groups."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from django.db import IntegrityError, models, transaction
from django.db.models import QuerySet

from accounts import audit
from accounts.models import Account
from groups.models import Group


class NameTaken(Exception):
    """Another group of the account has this name."""


class BulkAction(models.TextChoices):
    AUTO_SYNC_ON = "AUTO_SYNC_ON", "Turn Auto-Sync on"
    AUTO_SYNC_OFF = "AUTO_SYNC_OFF", "Turn Auto-Sync off"
    SMART_SYNC_ON = "SMART_SYNC_ON", "Turn Smart-Sync on"
    SMART_SYNC_OFF = "SMART_SYNC_OFF", "Turn Smart-Sync off"
    LOCK = "LOCK", "Lock"
    UNLOCK = "UNLOCK", "Unlock"
    ARCHIVE = "ARCHIVE", "Archive"
    RESTORE = "RESTORE", "Restore"


@dataclass(frozen=True, slots=True)
class Rule:
    """What an action sets, and what is said of a group that has it already."""

    name: str
    value: bool
    already: str


RULES = {
    BulkAction.AUTO_SYNC_ON: Rule("auto_sync", value=True, already="had it on already"),
    BulkAction.AUTO_SYNC_OFF: Rule("auto_sync", value=False, already="had it off already"),
    BulkAction.SMART_SYNC_ON: Rule("smart_sync", value=True, already="had it on already"),
    BulkAction.SMART_SYNC_OFF: Rule("smart_sync", value=False, already="had it off already"),
    BulkAction.LOCK: Rule("locked", value=True, already="locked already"),
    BulkAction.UNLOCK: Rule("locked", value=False, already="not locked"),
    BulkAction.ARCHIVE: Rule("is_archived", value=True, already="archived already"),
    BulkAction.RESTORE: Rule("is_archived", value=False, already="not archived"),
}
MOST_NAMED = 20
BY_HAND = "made by hand, with no source to follow"


@dataclass(frozen=True, slots=True)
class Changed:
    """How many groups an action changed, and how many it left, by reason."""

    count: int
    left: dict[str, int] = field(default_factory=dict)


@transaction.atomic
def change_groups(*, groups: QuerySet[Group], action: BulkAction) -> Changed:
    """Carry the action out on these groups, leaving those it makes no sense for."""
    rule = RULES[action]
    total = groups.count()
    able = groups.exclude(source="") if action == BulkAction.AUTO_SYNC_ON else groups
    by_hand = total - able.count()
    changing = able.exclude(**{rule.name: rule.value})
    _record(changing, action)
    count = changing.update(**{rule.name: rule.value})
    left = {BY_HAND: by_hand, rule.already: total - by_hand - count}
    return Changed(count, {reason: number for reason, number in left.items() if number > 0})


def _record(changing: QuerySet[Group], action: BulkAction) -> None:
    names = list(changing.order_by("name_key").values_list("name", flat=True))
    if names:
        audit.record(
            account=changing.select_related("account")[0].account,
            kind="GROUPS_CHANGED",
            subject=str(action.label),
            after={"number": len(names), "groups": names[:MOST_NAMED]},
        )


@transaction.atomic
def set_switches(*, group: Group, auto_sync: bool, smart_sync: bool, locked: bool) -> None:
    """Auto-Sync stays off for a group without a source."""
    after = {"auto_sync": auto_sync and bool(group.source), "smart_sync": smart_sync}
    after["locked"] = locked
    stored = Group.objects.values(*after).get(pk=group.pk)
    audit.record_change(
        account=group.account, kind="GROUP_SAVED", subject=group.name, before=stored, after=after
    )
    for name, value in after.items():
        setattr(group, name, value)
    group.save(update_fields=list(after))


@transaction.atomic
def create_group(*, account: Account, name: str) -> Group:
    """Raises NameTaken."""
    group = _unless_taken(lambda: Group.objects.create(account=account, name=name))
    audit.record(account=account, kind="GROUP_CREATED", subject=group.name)
    return group


@transaction.atomic
def rename_group(*, group: Group, name: str) -> Group:
    """Raises NameTaken."""
    before = Group.objects.values("name").get(pk=group.pk)
    group.name = name
    _unless_taken(lambda: group.save(update_fields=["name", "name_key"]))
    audit.record_change(
        account=group.account,
        kind="GROUP_RENAMED",
        subject=before["name"],
        before=before,
        after={"name": group.name},
    )
    return group


def _unless_taken(write: Callable[[], Group | None]) -> Group:
    try:
        with transaction.atomic():
            return write()
    except IntegrityError as error:
        raise NameTaken from error
