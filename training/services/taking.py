"""Actions come in: kept once each, and turned into enrolments where somebody failed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from django.db import transaction
from django.utils import timezone

from accounts.models import Account
from targets.emails import email_key, normalise
from targets.models import Target
from training.models import Action, Campaign, Enrollment, State, Step
from training.services.planning import enroll
from training.services.repeat import no_longer_offending
from training.services.timeline import note_each

BATCH = 500


@dataclass(frozen=True, slots=True)
class NewAction:
    """`key` '' means that the action is told by who, what and when."""

    kind: str
    email: str
    happened_at: datetime
    is_bot: bool = False
    key: str = ""


@dataclass(frozen=True, slots=True)
class Taken:
    """How many actions were new, known already, by people who are no targets; and how many enrolments
    were made and withdrawn."""

    new: int = 0
    known: int = 0
    strangers: int = 0
    enrolled: int = 0
    withdrawn: int = 0


@transaction.atomic
def take_actions(
    *, campaign: Campaign, actions: Sequence[NewAction], door: str, now: datetime | None = None
) -> Taken:
    """Safe to repeat: an action that is known changes nothing, unless it says now that it was a bot's.
    One at a time in an account, because two campaigns may enrol the same person."""
    moment = now or timezone.now()
    list(Account.objects.select_for_update(no_key=True).filter(pk=campaign.account_id))
    campaign = Campaign.objects.select_for_update(no_key=True).get(pk=campaign.pk)
    people = _people([one.email for one in actions])
    made: dict[str, Action] = {}
    for one in actions:
        row = _row(campaign, one, people, door)
        row = made.setdefault(row.key, row)
        row.is_bot = row.is_bot or one.is_bot
    known = _known(campaign, list(made))
    fresh = [row for key, row in made.items() if key not in known]
    Action.objects.bulk_create(fresh, batch_size=BATCH)
    withdrawn = _withdraw_bots(campaign, [row for row in made.values() if row.is_bot], moment)
    enrolled = enroll(campaign=campaign, actions=fresh, now=moment)
    return Taken(
        new=len(fresh),
        known=len(actions) - len(fresh),
        strangers=sum(row.target is None for row in fresh),
        enrolled=enrolled,
        withdrawn=withdrawn,
    )


def _people(emails: Sequence[str]) -> dict[str, Target]:
    keys = list({email_key(normalise(email) or email) for email in emails})
    found: dict[str, Target] = {}
    for start in range(0, len(keys), BATCH):
        for target in Target.objects.filter(email_key__in=keys[start : start + BATCH]):
            found[target.email_key] = target
    return found


def _row(campaign: Campaign, one: NewAction, people: dict[str, Target], door: str) -> Action:
    email = normalise(one.email) or one.email[:255]
    told = one.key or "|".join((one.kind, email_key(email), one.happened_at.isoformat()))
    return Action(
        account_id=campaign.account_id,
        campaign=campaign,
        target=people.get(email_key(email)),
        kind=one.kind,
        email=email,
        is_bot=one.is_bot,
        door=door,
        key=sha256(told.encode()).hexdigest(),
        happened_at=one.happened_at,
    )


def _known(campaign: Campaign, keys: list[str]) -> set[str]:
    found: set[str] = set()
    for start in range(0, len(keys), BATCH):
        part = Action.objects.filter(campaign=campaign, key__in=keys[start : start + BATCH])
        found |= set(part.values_list("key", flat=True))
    return found


def _withdraw_bots(campaign: Campaign, bots: list[Action], now: datetime) -> int:
    """What was a bot's withdraws what still waits because of it. What was asked for already stays, and
    can be withdrawn by hand."""
    if not bots:
        return 0
    keys = [row.key for row in bots]
    Action.objects.filter(campaign=campaign, key__in=keys).update(is_bot=True)
    waiting = Enrollment.objects.select_for_update().filter(
        campaign=campaign, action__key__in=keys, state=State.WAITING, asked_at=None
    )
    rows = list(waiting)
    people = [row.target_id for row in bots if row.target_id]
    mine = {row.pk for row in rows}
    rows += [row for row in no_longer_offending(people, now=now) if row.pk not in mine]
    Enrollment.objects.filter(pk__in=[row.pk for row in rows]).update(
        state=State.WITHDRAWN, reason="bot"
    )
    note_each(rows, Step.WITHDRAWN, {"reason": "bot"}, at=now)
    return len(rows)
