"""Whose an action is, where an address has changed hands since the campaign's e-mail went to it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db.models.functions import Lower

from training.models import Action, ActionKind, Campaign

BATCH = 1000


def credit_earlier_owners(campaign: Campaign, rows: Sequence[Action]) -> None:
    """What is done with an e-mail is done by whom it went to: who acted under the address in this campaign
    last before, whoever has it now. What is sent is sent to who has it now."""
    later = [row for row in rows if row.kind != ActionKind.SENT and row.email]
    told = _told(campaign, {row.email.lower() for row in later})
    for row in later:
        known = told.get(row.email.lower(), ())
        before = [target_id for at, target_id in known if at <= row.happened_at]
        if before:
            row.target_id = before[-1]


def _told(campaign: Campaign, addresses: set[str]) -> dict[str, list[tuple[datetime, int]]]:
    """When and of whom actions were told under each address, the earliest first."""
    wanted, found = sorted(addresses), dict[str, list[tuple[datetime, int]]]()
    mine = Action.objects.filter(campaign=campaign, target__isnull=False)
    named = mine.annotate(address=Lower("email")).order_by("happened_at", "pk")
    for start in range(0, len(wanted), BATCH):
        part = named.filter(address__in=wanted[start : start + BATCH])
        for address, at, target_id in part.values_list("address", "happened_at", "target_id"):
            found.setdefault(address, []).append((at, target_id))
    return found
