"""How far groups whose Auto-Sync is off are from their teams, as last compared."""

from __future__ import annotations

from collections.abc import Iterable

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
