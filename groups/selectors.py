from __future__ import annotations

from accounts.models import Account
from groups.models import Group
from groups.names import name_key


def sources_of_groups() -> list[str]:
    """The providers that groups of the account in scope come from."""
    found = Group.objects.exclude(source="").order_by("source")
    return list(found.values_list("source", flat=True).distinct())


def group_of_name(*, account: Account, name: str, besides: Group | None = None) -> Group | None:
    """The group that stands in the way of this name."""
    same = Group.objects.filter(account=account, name_key=name_key(name))
    return same.exclude(pk=besides.pk).first() if besides else same.first()
