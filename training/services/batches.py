"""Many actions at once, of one campaign or of several: the good ones go in, the others are told by index."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from training.models import Campaign, Door
from training.services.rows import QUOTED, BadRow, read_row
from training.services.taking import NewAction, Taken, take_actions

MOST_ACTIONS, MOST_CAMPAIGNS = 1000, 50
LARGEST_ID = 2**63 - 1
FIELDS = frozenset({"campaign", "email", "kind", "happened_at", "is_bot", "id"})


class UnknownCampaign(LookupError):
    """The one that the whole batch names is none of the account's."""


class TooLarge(ValueError):
    """The message says the limit."""


@dataclass(frozen=True, slots=True)
class RowError:
    index: int
    field: str
    detail: str


@dataclass(slots=True)
class BatchTaken:
    """`counts` are those of Taken, over all campaigns."""

    counts: dict[str, int] = field(default_factory=lambda: {one.name: 0 for one in fields(Taken)})
    errors: list[RowError] = field(default_factory=list)

    def add(self, taken: Taken) -> None:
        for name in self.counts:
            self.counts[name] += getattr(taken, name)


def take_batch(
    *, rows: Sequence[object], campaign_id: int | None = None, now: datetime | None = None
) -> BatchTaken:
    """`campaign_id` is that of rows that name none. Safe to repeat. Raises UnknownCampaign, TooLarge."""
    if len(rows) > MOST_ACTIONS:
        raise TooLarge(f"{len(rows):,} actions at once, and {MOST_ACTIONS:,} are the most.")
    moment = now or timezone.now()
    campaigns = _campaigns(rows, campaign_id)
    by_campaign: dict[int, list[NewAction]] = {}
    found = BatchTaken()
    for index, row in enumerate(rows):
        try:
            pk, action = _read(row, campaigns, campaign_id, moment)
        except BadRow as error:
            found.errors.append(RowError(index, error.field, str(error)))
        else:
            by_campaign.setdefault(pk, []).append(action)
    with transaction.atomic(savepoint=False):
        for pk, actions in sorted(by_campaign.items()):
            campaign = campaigns[pk]
            found.add(take_actions(campaign=campaign, actions=actions, door=Door.API, now=moment))
    return found


def _campaigns(rows: Sequence[object], campaign_id: int | None) -> dict[int, Campaign]:
    named = {row.get("campaign") for row in rows if isinstance(row, dict) and _names(row)}
    wanted = {pk for pk in (campaign_id, *named) if _is_id(pk)}
    if len(wanted) > MOST_CAMPAIGNS:
        raise TooLarge(f"{len(wanted):,} campaigns at once, and {MOST_CAMPAIGNS} are the most.")
    found = Campaign.objects.in_bulk(wanted) if wanted else {}
    if campaign_id is not None and campaign_id not in found:
        raise UnknownCampaign(f"There is no campaign {campaign_id}.")
    return found


def _names(row: Mapping[str, object]) -> bool:
    return _is_id(row.get("campaign"))


def _is_id(value: object) -> bool:
    return type(value) is int and 0 < value <= LARGEST_ID


def _read(
    row: object, campaigns: Mapping[int, Campaign], campaign_id: int | None, now: datetime
) -> tuple[int, NewAction]:
    if not isinstance(row, dict):
        raise BadRow("", "The action is not an object.")
    for name in row.keys() - FIELDS:
        shown = name[:QUOTED] if name.isprintable() else "?"
        raise BadRow(shown, f"“{shown}” is no field of an action.")
    named = row.get("campaign")
    pk = campaign_id if named is None else named
    if pk is None:
        raise BadRow("campaign", "The campaign is missing.")
    if not _is_id(pk):
        raise BadRow("campaign", "The campaign is not told by the number of one.")
    if pk not in campaigns:
        raise BadRow("campaign", f"There is no campaign {pk}.")
    return pk, read_row(row, now=now)
