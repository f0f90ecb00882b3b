"""The use cases of Targets."""

from __future__ import annotations

from django.db import transaction
from django.db.models import QuerySet
from django.utils.timezone import now

from accounts import audit
from targets import tallies
from targets.models import GroupMembership, SetBy, Target

BATCH = 1000


@transaction.atomic
def set_memberships(*, memberships: QuerySet[GroupMembership], is_active: bool) -> int:
    """Switch people on or off in a group by an administrator's hand, also those a sync had set that
    way before: a sync keeps what is set here. Returns how many changed their state."""
    groups = set(memberships.order_by().values_list("group_id", flat=True).distinct())
    changed = _record(memberships.exclude(is_active=is_active), is_active=is_active)
    kept = {} if is_active else {"is_kept": False}
    memberships.exclude(is_active=is_active, set_by=SetBy.PERSON).update(
        is_active=is_active, set_by=SetBy.PERSON, changed_at=now(), **kept
    )
    for group_id in sorted(groups):
        tallies.recount_group(group_id)
    return changed


def _record(changing: QuerySet[GroupMembership], *, is_active: bool) -> int:
    rows = list(changing.select_related("account", "group", "target").order_by("pk"))
    events = [
        (
            f"{row.target} in {row.group}",
            {"group_id": row.group_id, "target_id": row.target_id, "is_active": is_active},
        )
        for row in rows
    ]
    if rows:
        audit.record_each(account=rows[0].account, kind="MEMBERSHIP_SWITCHED", rows=events)
    return len(rows)


@transaction.atomic
def set_active(*, target: Target, is_active: bool) -> None:
    """The administrator's own switch for a person everywhere; no sync touches it."""
    audit.record_change(
        account=target.account,
        kind="TARGET_SWITCHED",
        subject=str(target),
        before=Target.objects.values("is_active").get(pk=target.pk),
        after={"is_active": is_active},
    )
    target.is_active = is_active
    target.updated_at = now()
    target.save(update_fields=["is_active", "updated_at"])
    tallies.mark_targets(Target.objects.filter(pk=target.pk))


@transaction.atomic
def set_each_active(*, targets: QuerySet[Target], is_active: bool) -> int:
    """As set_active, for many. Returns how many were not so before."""
    changing = targets.exclude(is_active=is_active).select_related("account").order_by("pk")
    rows = list(changing)
    if rows:
        told = [(str(row), {"target_id": row.pk, "is_active": is_active}) for row in rows]
        audit.record_each(account=rows[0].account, kind="TARGET_SWITCHED", rows=told)
    for number in range(0, len(rows), BATCH):
        some = Target.objects.filter(pk__in=[row.pk for row in rows[number : number + BATCH]])
        some.update(is_active=is_active, updated_at=now())
        tallies.mark_targets(some)
    return len(rows)
