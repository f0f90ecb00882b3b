"""What a bulk action says afterwards. Pure Python but for the action's names."""

from __future__ import annotations

from groups.services import BulkAction, Changed

DONE = {
    BulkAction.AUTO_SYNC_ON: "Auto-Sync turned on for",
    BulkAction.AUTO_SYNC_OFF: "Auto-Sync turned off for",
    BulkAction.SMART_SYNC_ON: "Smart-Sync turned on for",
    BulkAction.SMART_SYNC_OFF: "Smart-Sync turned off for",
    BulkAction.LOCK: "Locked",
    BulkAction.UNLOCK: "Unlocked",
    BulkAction.ARCHIVE: "Archived",
    BulkAction.RESTORE: "Restored",
}


def counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def changed_sentence(action: BulkAction, changed: Changed) -> str:
    """Such as "Auto-Sync turned on for 3 groups. 2 left as they were: 2 had it on already"."""
    sentence = f"{DONE[action]} {counted(changed.count, 'group')}."
    if not changed.left:
        return sentence
    total = sum(changed.left.values())
    reasons = "; ".join(f"{number:,} {reason}" for reason, number in changed.left.items())
    verb = "it was" if total == 1 else "they were"
    return f"{sentence} {total:,} left as {verb}: {reasons}."
