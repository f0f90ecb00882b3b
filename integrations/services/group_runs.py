"""A sync of one group by hand."""

from __future__ import annotations

from accounts.models import User
from groups.models import Group
from integrations.models import GroupLink, Trigger
from integrations.services.runs import Opened, open_run


class GroupRefused(Exception):
    """Nothing syncs this group; the message says why."""


def sync_group(*, group: Group, user: User | None) -> Opened:
    """Wake the run after the commit. Raises GroupRefused."""
    link = GroupLink.objects.select_related("connection").filter(group=group).first()
    if link is None:
        raise GroupRefused(f"{group.name} follows no team, so there is nothing to sync it with.")
    refusal = _refusal(group, link)
    if refusal:
        raise GroupRefused(refusal)
    return open_run(connection=link.connection, trigger=Trigger.ONE, requested_by=user, group=group)


def _refusal(group: Group, link: GroupLink) -> str:
    if not link.connection.api_key_sealed:
        return f"{group.name} followed an integration that was removed. Set it up again first."
    if group.locked:
        return f"{group.name} is locked: nothing syncs it until it is unlocked."
    if group.is_archived:
        return f"{group.name} is archived: nothing syncs it until it is restored."
    return ""
