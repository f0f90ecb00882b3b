"""Why a target is active or not, in sentences. Pure Python."""

from __future__ import annotations

from collections.abc import Sequence

from targets.models import GroupMembership, SetBy, Target


def states_of(target: Target, memberships: Sequence[GroupMembership]) -> list[str]:
    """Every reason for which this person gets no phishing e-mail; nothing when active."""
    reasons = []
    if not target.is_active:
        reasons.append("An administrator switched this person off everywhere.")
    if not memberships:
        reasons.append("This person is in no group.")
    elif not any(membership.is_active for membership in memberships):
        reasons.append(_all_inactive(memberships))
    return reasons


def _all_inactive(memberships: Sequence[GroupMembership]) -> str:
    by_person = sum(membership.set_by == SetBy.PERSON for membership in memberships)
    by_sync = len(memberships) - by_person
    parts = [
        f"{number} by {who.label}"
        for number, who in ((by_sync, SetBy.SYNC), (by_person, SetBy.PERSON))
        if number
    ]
    where = "the only group" if len(memberships) == 1 else f"all {len(memberships)} groups"
    return f"Switched off in {where}: {', '.join(parts)}."
