"""Through which LMS a group enrols: its own, else the account's default, resolved when asked."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction
from django.db.models import QuerySet

from accounts import audit
from accounts.models import Account
from groups.models import Group
from integrations import registry
from integrations.contract.provider import Capability
from integrations.models import Connection, DefaultLms
from training.models import GroupLms

MOST_NAMED = 20


@dataclass(frozen=True, slots=True)
class Lms:
    """`connection` None: the group enrols nobody."""

    connection: Connection | None
    is_own: bool


def enrolling_connections() -> list[Connection]:
    """Those in scope whose provider can enrol somebody and whose key is there."""
    made = Connection.objects.exclude(api_key_sealed="").order_by("pk")
    return [one for one in made if _can_enroll(one)]


def _can_enroll(connection: Connection) -> bool:
    return Capability.ENROLLMENT in registry.get(connection.provider).capabilities


def lms_of_groups(groups: Iterable[Group]) -> dict[int, Lms]:
    """Two queries however many groups there are."""
    able = {one.pk: one for one in enrolling_connections()}
    default = next((one for one in able.values() if one.default_lms == DefaultLms.ALL_GROUPS), None)
    wanted = [group.pk for group in groups]
    own = dict(GroupLms.objects.filter(group__in=wanted).values_list("group_id", "connection_id"))
    return {
        pk: Lms(able.get(own[pk] or 0), is_own=True) if pk in own else Lms(default, is_own=False)
        for pk in wanted
    }


@transaction.atomic
def set_lms(
    *, account: Account, groups: QuerySet[Group], connection: Connection | None, is_own: bool
) -> int:
    """`is_own` False: the groups follow the account's default again."""
    chosen = list(groups.order_by("name_key"))
    GroupLms.objects.filter(group__in=chosen).delete()
    if is_own:
        GroupLms.objects.bulk_create(
            [GroupLms(account=account, group=one, connection=connection) for one in chosen],
            batch_size=1000,
        )
    told = (connection.provider if connection else "None") if is_own else "Account default"
    audit.record(
        account=account,
        kind="GROUPS_LMS_SET",
        subject=told,
        after={"number": len(chosen), "groups": [one.name for one in chosen[:MOST_NAMED]]},
    )
    return len(chosen)
