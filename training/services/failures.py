"""Who failed: one answer for the list of campaigns, the charts and the evidence pack."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby, islice
from typing import Any

from django.db.models import CharField, Count, Exists, F, Min, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Cast, Coalesce, Lower

from targets.models import GroupMembership
from training.models import Action, Campaign, Enrollment
from training.services.planning import taking_part

CHUNK = 1000
FIELDS = (
    "campaign_id",
    "campaign__name",
    "target_id",
    "target__name",
    "target__email",
    "email",
    "kind",
    "happened_at",
    "door",
    "who",
)
#: A target, or the address of somebody who is none.
WHO = Coalesce(Cast("target_id", CharField()), Lower("email"))


@dataclass(frozen=True, slots=True)
class Failure:
    """One person's first failing action in one campaign, and how many there were. `name` is empty for
    somebody who is no target; `groups` are those the person is active in now."""

    campaign: str
    name: str
    email: str
    kind: str
    happened_at: datetime
    door: str
    times: int
    groups: list[str] = field(default_factory=list)


def failing_actions(campaigns: Iterable[Campaign]) -> QuerySet[Action]:
    """What counts as failing in each, and what enrolled somebody when other things counted; no bot's. `who`
    is the same for all actions of one person, a target or not, in a group of the campaign or not."""
    alike: dict[tuple[str, ...], list[int]] = {}
    for campaign in campaigns:
        alike.setdefault(tuple(campaign.failing), []).append(campaign.pk)
    counts = Q(pk__in=[])
    for kinds, ids in alike.items():
        counts |= Q(campaign__in=ids, kind__in=kinds)
    enrolled = Q(Exists(Enrollment.objects.filter(action=OuterRef("pk"))))
    every = [pk for ids in alike.values() for pk in ids]
    return Action.objects.filter(counts | enrolled, campaign__in=every, is_bot=False).annotate(
        who=WHO
    )


def number_of_people(campaigns: QuerySet[Campaign]) -> Coalesce:
    """How many people failed, for a query of campaigns: of each by itself."""
    mine = failing_actions(campaigns).filter(campaign=OuterRef("pk")).order_by()
    counted = mine.values("campaign").annotate(people=Count("who", distinct=True))
    return Coalesce(Subquery(counted.values("people")), 0)


def first_failures(actions: QuerySet[Any]) -> QuerySet[Any, Any]:
    """Campaign, who, and when they first failed it."""
    people = actions.order_by().values_list("campaign_id", "who")
    first: QuerySet[Any, Any] = people.annotate(first=Min("happened_at"))
    return first


def outsiders(actions: Iterable[Action]) -> set[int]:
    """Which of them are failures that enrolled nobody, because the person is in no group of the campaign. Two
    queries; the actions have their campaigns."""
    failed = [
        one
        for one in actions
        if one.target_id and not one.is_bot and one.kind in one.campaign.failing
    ]
    campaigns = {one.campaign_id for one in failed}
    people = {one.target_id for one in failed}
    inside = set(
        taking_part(campaigns)
        .filter(target__in=people)
        .values_list("group__campaigns", "target_id")
    )
    enrolled = Enrollment.objects.filter(campaign__in=campaigns, target__in=people)
    inside |= set(enrolled.values_list("campaign_id", "target_id"))
    return {one.pk for one in failed if (one.campaign_id, one.target_id) not in inside}


def failures_of(actions: QuerySet[Action]) -> Iterator[Failure]:
    """By campaign and name, those without one last. One query for each thousand people, beside the one for
    the actions."""
    ordered = actions.order_by(
        "campaign__name",
        "campaign_id",
        F("target__name").asc(nulls_last=True),
        "target_id",
        Lower("email"),
        "happened_at",
        "pk",
    )
    rows = ordered.values_list(*FIELDS, named=True).iterator(chunk_size=CHUNK)
    people = (list(same) for _, same in groupby(rows, key=_who))
    while chunk := list(islice(people, CHUNK)):
        groups = _groups_of({same[0].target_id for same in chunk if same[0].target_id})
        for same in chunk:
            yield _failure(same, groups)


def _who(row: Any) -> tuple[int, str]:
    return row.campaign_id, row.who


def _groups_of(targets: set[int]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    active = GroupMembership.objects.filter(
        target__in=targets, is_active=True, group__is_archived=False
    )
    pairs = active.order_by("group__name_key").values_list("target_id", "group__name")
    for target, name in pairs:
        found.setdefault(target, []).append(name)
    return found


def _failure(same: list[Any], groups: dict[int, list[str]]) -> Failure:
    first = same[0]
    return Failure(
        campaign=first.campaign__name,
        name=first.target__name or "",
        email=first.target__email or first.email,
        kind=first.kind,
        happened_at=first.happened_at,
        door=first.door,
        times=len(same),
        groups=groups.get(first.target_id, []),
    )
