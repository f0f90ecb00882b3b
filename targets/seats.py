from __future__ import annotations

from django.db.models import Exists, OuterRef

from accounts.models import Account
from targets.models import GroupMembership, Target


def seats_used(account_id: int) -> int:
    """People who can be phished: switched on, and active in a group."""
    active = GroupMembership.objects.filter(target=OuterRef("pk"), is_active=True)
    return Target.objects.filter(Exists(active), account_id=account_id, is_active=True).count()


def free_seats(account: Account) -> int | None:
    """None: as many as wanted."""
    if account.seat_limit is None:
        return None
    return max(0, account.seat_limit - seats_used(account.pk))


def free_seats_to_take(account: Account) -> int | None:
    """Until the transaction ends nobody else takes one: of two who look at once, the second waits."""
    return free_seats(Account.objects.select_for_update().get(pk=account.pk))
