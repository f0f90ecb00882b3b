"""The Portal as it is, as plain values and as the rules' own world; and ways to disturb its worker."""

from __future__ import annotations

from groups.models import Group
from integrations.models import GroupLink, SyncRun, TargetLink
from integrations.sync import journal
from targets.models import GroupMembership, SetBy, Target
from tests.integrations.sync.rules import World


class Killed(BaseException):
    """Stands for SIGKILL: nothing of the worker's own code runs after it."""


def take_over(run: SyncRun) -> SyncRun | None:
    """As when the lease of whoever had it ran out."""
    SyncRun.objects.filter(pk=run.pk).update(next_attempt_at=None, lease_until=None)
    return journal.claim(run.pk)


def dying_after(writes: int | None):
    left = [writes]

    def wrapper(execute, sql, params, many, context):
        if left[0] is not None and sql.lstrip(" \n-").startswith(("INSERT", "UPDATE", "DELETE")):
            left[0] -= 1
            if left[0] < 0:
                raise Killed
        return execute(sql, params, many, context)

    return wrapper


def seats() -> set[tuple[int, int]]:
    return set(GroupMembership.objects.filter(is_active=True).values_list("group_id", "target_id"))


def portal_state() -> dict:
    links = dict(GroupLink.objects.values_list("group_id", "integration_id"))
    rows = GroupMembership.objects.values_list("group__name", "target__email", "is_active")
    groups = Group.objects.values_list("pk", "name")
    targets = Target.objects.values_list("email", "name", "left_source_at")
    return {
        "groups": {name: links.get(pk) for pk, name in groups},
        "targets": {email: (name, left is not None) for email, name, left in targets},
        "seats": {(group, email): is_active for group, email, is_active in rows},
    }


def difference(found: dict, expected: dict) -> dict:
    """Part → key → (what is there, what the rules say)."""
    return {
        part: {
            key: (found[part].get(key), values.get(key))
            for key in {**found[part], **values}
            if found[part].get(key) != values.get(key)
        }
        for part, values in expected.items()
        if found[part] != values
    }


def world_of_portal() -> World:
    """The rules' own world as the Portal is now."""
    world = World()
    links = {link.group_id: link for link in GroupLink.objects.all()}
    for group in Group.objects.all():
        link = links.get(group.pk)
        world.groups[group.name] = {
            "team": link.integration_id if link else None,
            "remote": link.remote_name if link else "",
            "gone": bool(link and link.gone_at),
        }
    people = {link.target_id: link for link in TargetLink.objects.all()}
    for target in Target.objects.all():
        link = people.get(target.pk)
        world.targets[target.email] = {
            "id": link.integration_id if link else "",
            "gone": target.left_source_at is not None,
            "name": target.name,
        }
    for seat in GroupMembership.objects.select_related("group", "target"):
        place = (seat.group.name, seat.target.email)
        world.seats[place] = [seat.is_active, seat.set_by == SetBy.SYNC]
        if seat.is_kept:
            world.kept.add(place)
    return world
