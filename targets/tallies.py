"""What the lists show and sort by, kept so that no page has to count a million rows: the people of each
group, the targets of an account, and whether a target can be reached by phishing e-mails.

Whoever changes memberships or a target's own switch recounts in the same transaction."""

from __future__ import annotations

from typing import Any

from django.db import connection as database
from django.db import transaction
from django.db.models import Count, Exists, OuterRef, QuerySet

from accounts.models import Account
from groups.models import Group
from targets.models import GroupMembership, Tally, Target
from targets.nested_loops import without_nested_loops

MANY, BATCH = 5000, 500


@transaction.atomic
def recount(account: Account) -> None:
    """All that an account has. Only rows that differ are written."""
    with database.cursor() as cursor, without_nested_loops(cursor):
        _recount(Group.objects.filter(account=account))
        mark_targets(Target.objects.filter(account=account))
        count_targets(account)


@transaction.atomic
def recount_with(account: Account, targets: QuerySet[Any, int | None]) -> None:
    """After something was changed with these targets, given as a query of their ids. Of many, the whole
    account is counted: one statement that joins them all would be planned with what was known before them."""
    ids = list(targets.distinct()[: MANY + 1])
    if len(ids) > MANY:
        recount(account)
    elif ids:
        groups = GroupMembership.objects.filter(target__in=ids).values_list("group", flat=True)
        _recount(Group.objects.filter(pk__in=set(groups)))
        mark_targets(Target.objects.filter(pk__in=ids))
        count_targets(account)


@transaction.atomic
def recount_group(group_id: int) -> None:
    """After its people were switched on or off in it."""
    members = GroupMembership.objects.filter(group=group_id)
    _recount(Group.objects.filter(pk=group_id))
    mark_targets(Target.objects.filter(pk__in=members.values("target")))


def count_targets(account: Account) -> None:
    counted = Target.objects.filter(account=account).values_list("source").annotate(n=Count("pk"))
    found = dict(counted.order_by("source"))
    values = {"targets": sum(found.values()), "sources": [source for source in found if source]}
    Tally.objects.update_or_create(account=account, defaults=values)


def _recount(groups: QuerySet[Group]) -> None:
    """Locked first: two who change a group at once would each miss what the other has not committed."""
    locked = list(groups.order_by("pk").select_for_update().only("people"))
    active = GroupMembership.objects.filter(group__in=locked, is_active=True).order_by()
    counted = dict(active.values_list("group").annotate(number=Count("pk")))
    differing = [group for group in locked if group.people != counted.get(group.pk, 0)]
    for group in differing:
        group.people = counted.get(group.pk, 0)
    Group.objects.bulk_update(differing, ["people"], batch_size=BATCH)


def mark_targets(targets: QuerySet[Target]) -> None:
    """One condition a statement: PostgreSQL joins where there is one, and asks for each row of an OR."""
    member = Exists(GroupMembership.objects.filter(target=OuterRef("pk"), is_active=True))
    targets.filter(is_active=False, is_reachable=True).update(is_reachable=False)
    targets.filter(~member, is_reachable=True).update(is_reachable=False)
    targets.filter(member, is_active=True, is_reachable=False).update(is_reachable=True)
