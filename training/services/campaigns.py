"""The use cases of Campaigns."""

from __future__ import annotations

import secrets
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts import audit
from integrations import vault
from integrations.models import TargetLink
from training.models import Campaign, CampaignState, Enrollment, State, Step
from training.services.lms import lms_of_groups
from training.services.planning import people_of
from training.services.timeline import note_each

BATCH = 500


class NotStartable(Exception):
    """The campaign runs or has ended, or lacks groups or courses."""


@dataclass(frozen=True, slots=True)
class Reach:
    """How many people a campaign reaches, and how many of them can't be enrolled, by reason."""

    people: int = 0
    not_possible: dict[str, int] = field(default_factory=dict)

    @property
    def possible(self) -> int:
        return self.people - sum(self.not_possible.values())


def reach_of(campaign: Campaign) -> Reach:
    """What the Portal knows by itself. Somebody whom no sync brought over is looked up when it is time."""
    places = people_of(campaign)
    lms = lms_of_groups(campaign.groups.all())
    able = {pk: one.connection for pk, one in lms.items() if one.connection}
    connections = {connection.pk for connection in able.values()}
    gone = set(
        TargetLink.objects.filter(connection__in=connections, gone_at__isnull=False).values_list(
            "target_id", flat=True
        )
    )
    reasons: Counter[str] = Counter()
    for target_id, groups in places.items():
        connection = next((able[pk] for pk in groups if pk in able), None)
        if connection is None:
            reasons["no_lms"] += 1
        elif not connection.is_active:
            reasons["integration_off"] += 1
        elif target_id in gone:
            reasons["gone_at_lms"] += 1
    return Reach(len(places), dict(reasons))


@transaction.atomic
def save_campaign(campaign: Campaign, chosen: dict[str, Any]) -> Campaign:
    """`chosen` is a valid form's: fields, groups and courses. What else a campaign has may change
    meanwhile, and is not written."""
    is_new = campaign.pk is None
    groups, courses = chosen.pop("groups"), chosen.pop("courses")
    values = dict(chosen)
    if chosen["gophish_number"] != campaign.gophish_number:
        values |= {"hook_ignored": 0, "hook_ignored_at": None}
    for name, value in values.items():
        setattr(campaign, name, value)
    campaign.save(update_fields=None if is_new else list(values))
    campaign.groups.set(groups)
    campaign.courses.set(courses)
    audit.record(
        account=campaign.account,
        kind="CAMPAIGN_CREATED" if is_new else "CAMPAIGN_SAVED",
        subject=campaign.name,
        after={
            **chosen,
            "groups": [str(one) for one in groups][:20],
            "courses": [str(one) for one in courses][:20],
        },
    )
    return campaign


@transaction.atomic
def start_campaign(*, campaign: Campaign, now: datetime | None = None) -> None:
    """Raises NotStartable."""
    fresh = Campaign.objects.select_for_update().get(pk=campaign.pk)
    if fresh.state != CampaignState.DRAFT or not (fresh.groups.exists() and fresh.courses.exists()):
        raise NotStartable
    fresh.state, fresh.started_at = CampaignState.RUNNING, now or timezone.now()
    fresh.save(update_fields=["state", "started_at"])
    audit.record(account=fresh.account, kind="CAMPAIGN_STARTED", subject=fresh.name)


@transaction.atomic
def end_campaign(*, campaign: Campaign, withdraws: bool, now: datetime | None = None) -> int:
    """Later actions are kept and enrol nobody. `withdraws`: also what still waits; returns how many."""
    moment = now or timezone.now()
    fresh = Campaign.objects.select_for_update().get(pk=campaign.pk)
    if not fresh.is_running:
        raise NotStartable
    fresh.state, fresh.ended_at = CampaignState.ENDED, moment
    fresh.save(update_fields=["state", "ended_at"])
    waiting = (
        list(fresh.enrollments.filter(state=State.WAITING, asked_at=None)) if withdraws else []
    )
    Enrollment.objects.filter(pk__in=[row.pk for row in waiting], asked_at=None).update(
        state=State.WITHDRAWN, reason="campaign_ended"
    )
    note_each(waiting, Step.WITHDRAWN, {"reason": "campaign_ended"}, at=moment)
    audit.record(
        account=fresh.account,
        kind="CAMPAIGN_ENDED",
        subject=fresh.name,
        after={"withdrawn": len(waiting)},
    )
    return len(waiting)


@transaction.atomic
def renew_hook_secret(*, campaign: Campaign) -> str:
    """Returns the secret, which is shown this once and then only kept sealed."""
    secret = secrets.token_urlsafe(32)
    campaign.hook_secret_sealed = vault.seal(secret, context=campaign.hook_context)
    campaign.save(update_fields=["hook_secret_sealed"])
    audit.record(account=campaign.account, kind="CAMPAIGN_SECRET_MADE", subject=campaign.name)
    return secret


def count_ignored(*, campaign: Campaign) -> None:
    """GoPhish told an action of another campaign of its own."""
    Campaign.objects.filter(pk=campaign.pk).update(
        hook_ignored=F("hook_ignored") + 1, hook_ignored_at=timezone.now()
    )
