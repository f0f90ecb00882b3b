"""Compares what `targets.tallies` keeps with what is there."""

from __future__ import annotations

from accounts.models import Account
from groups.models import Group
from targets.models import GroupMembership, Tally, Target


def differing(account: Account) -> list[str]:
    found = []
    for group in Group.objects.filter(account=account):
        people = GroupMembership.objects.filter(group=group, is_active=True).count()
        if group.people != people:
            found.append(f"{group} keeps {group.people} people and has {people}")
    reached = set(
        GroupMembership.objects.filter(is_active=True).values_list("target_id", flat=True)
    )
    targets = list(Target.objects.filter(account=account))
    for target in targets:
        is_reachable = target.is_active and target.pk in reached
        if target.is_reachable != is_reachable:
            found.append(f"{target} is_reachable={target.is_reachable}")
    tally = Tally.objects.filter(account=account).first()
    sources = sorted({target.source for target in targets} - {""})
    if tally and (tally.targets, tally.sources) != (len(targets), sources):
        found.append(f"{tally.targets} targets of {tally.sources}, not {len(targets)} of {sources}")
    return found
