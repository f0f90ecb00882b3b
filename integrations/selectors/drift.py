"""How far groups whose Auto-Sync is off are from their teams, as last compared."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, Q

from groups.models import Group
from integrations.models import Connection, GroupLink
from integrations.sync.drift import adrift


def drift_of(connection: Connection) -> list[GroupLink]:
    """The farthest first, each with its group."""
    return sorted(adrift(connection=connection), key=lambda link: -(link.joining + link.leaving))


def drift_of_groups(groups: Iterable[Group]) -> dict[int, GroupLink]:
    """Group id → its link, for those of them whose Auto-Sync is off though they could follow a team."""
    off = [group.pk for group in groups if not (group.auto_sync or group.locked)]
    return {link.group_id: link for link in adrift(group__in=off)} if off else {}


@dataclass(frozen=True, slots=True)
class Drifting:
    """How many groups of a connection, all with Auto-Sync on or all off, differed from their teams."""

    connection_id: int
    is_auto: bool
    number: int


def drifting_groups() -> list[Drifting]:
    """Of the account in scope, as last compared; one query."""
    links = GroupLink.objects.filter(
        Q(joining__gt=0) | Q(leaving__gt=0),
        gone_at=None,
        group__locked=False,
        group__is_archived=False,
    )
    counted = links.order_by().values_list("connection", "group__auto_sync")
    return [Drifting(*row) for row in counted.annotate(number=Count("pk")).order_by("connection")]
