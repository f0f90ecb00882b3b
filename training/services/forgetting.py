"""Erases people some time after they have left, where an account has asked for that."""

from __future__ import annotations

import time
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone
from django_scopes import scope

from accounts import audit
from accounts.models import Account
from integrations.services.erasing import RunOpen, Traces, lock_connections
from targets import tallies
from targets.models import GroupMembership, Target
from training.services.erasing import take_out

#: In one transaction, which keeps syncs of the account waiting.
BATCH = 20
#: Of one account in an hour: each is looked for in every log.
MOST_AT_ONCE = 200
#: Of all accounts, which is less than a task may take; the next hour goes on.
MOST_SECONDS = 120


def leavers(*, since: datetime | None = None) -> QuerySet[Target]:
    """Those in scope whom their source has listed as gone or inactive (up to that moment), and who are
    active in no group: whoever is still in one made by hand stays."""
    active = GroupMembership.objects.filter(target=OuterRef("pk"), is_active=True)
    gone = Target.objects.filter(left_source_at__lte=since or timezone.now())
    return gone.filter(~Exists(active)).order_by("left_source_at", "pk")


def due_leavers(
    account: Account, *, days: int | None, now: datetime | None = None
) -> QuerySet[Target]:
    """Those who would be erased where people are kept so many days; for good: nobody."""
    if days is None:
        return Target.objects.none()
    since = (now or timezone.now()) - timedelta(days=days)
    return leavers(since=since).filter(account=account)


def forget_leavers(*, now: datetime | None = None) -> None:
    """For every account that has asked for it, at most MOST_AT_ONCE of each. Another run goes on where this
    one was stopped. While a sync is open nobody of its account is erased."""
    until = time.monotonic() + MOST_SECONDS
    # By chance, so that no account is always behind the others.
    for account in Account.objects.exclude(leavers_kept_days=None).order_by("?"):
        with scope(account=account), audit.coming_from(audit.PORTAL):
            for _ in range(MOST_AT_ONCE // BATCH):
                if time.monotonic() > until or not _forget_some(account, now):
                    break


@transaction.atomic
def _forget_some(account: Account, now: datetime | None) -> int:
    """How many. They come back as new people if their source lists them as active again."""
    try:
        lock_connections(account.pk)
    except RunOpen:
        return 0
    # Read again under the lock: a sync or an Administrator may have changed either meanwhile.
    days = Account.objects.values_list("leavers_kept_days", flat=True).get(pk=account.pk)
    found = list(due_leavers(account, days=days, now=now).select_related("account")[:BATCH])
    for target in found:
        take_out(Traces.of(target))
    if found:
        tallies.count_targets(account)
        number = {"number": len(found), "days": days}
        audit.record(account=account, kind="LEAVERS_ERASED", after=number)
    return len(found)
