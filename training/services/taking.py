"""Actions come in: kept once each, and turned into enrolments where somebody failed."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import astuple, dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from accounts.models import Account
from integrations.sync import store
from targets.emails import email_key, normalise
from targets.models import Target
from targets.suppression import Suppressed
from training.models import Action, Campaign, Enrollment, State, Step
from training.services import identity
from training.services.owners import credit_earlier_owners
from training.services.planning import enroll
from training.services.repeat import no_longer_offending
from training.services.timeline import note_each

BATCH = 1000


@dataclass(frozen=True, slots=True)
class NewAction:
    """`key` '' means that the action is told by who, what and when; `nth` by which of several alike."""

    kind: str
    email: str
    happened_at: datetime
    is_bot: bool = False
    key: str = ""
    nth: int = 1


@dataclass(frozen=True, slots=True)
class Taken:
    """How many actions were new, known already, by people who are no targets; and how many enrolments
    were made and withdrawn."""

    new: int = 0
    known: int = 0
    strangers: int = 0
    enrolled: int = 0
    withdrawn: int = 0

    def __add__(self, other: Taken) -> Taken:
        pairs = zip(astuple(self), astuple(other), strict=True)
        return Taken(*(one + more for one, more in pairs))


@transaction.atomic(savepoint=False)
def take_actions(
    *, campaign: Campaign, actions: Sequence[NewAction], door: str, now: datetime | None = None
) -> Taken:
    """Safe to repeat: an action that is known changes nothing, unless it says now that it was a bot's.
    One at a time in an account, because two campaigns may enrol the same person."""
    moment = now or timezone.now()
    list(Account.objects.select_for_update(no_key=True).filter(pk=campaign.account_id))
    campaign = Campaign.objects.select_for_update(no_key=True).get(pk=campaign.pk)
    emails, people = _people({one.email for one in actions})
    made: dict[str, Action] = {}
    for one in actions:
        row = _row(campaign, one, emails[one.email], people, door)
        row.is_bot |= row.key in made and made[row.key].is_bot
        made[row.key] = row
    credit_earlier_owners(campaign, list(made.values()))
    _hide_erased(campaign.account_id, made.values())
    named = {identity.hashed(one.key) for one in actions if one.key}
    known = identity.known(campaign, made)
    unknown = [row for key, row in made.items() if key not in known | named]
    same = identity.same_to_the_second(campaign, unknown)
    for row in unknown:
        row.key = same.get(row.key, row.key)
    fresh = [row for key, row in made.items() if key not in known and key not in same]
    store.insert_with_ids(fresh)
    withdrawn = _withdraw_bots(campaign, [row for row in made.values() if row.is_bot], moment)
    enrolled = enroll(campaign=campaign, actions=fresh, now=moment)
    return Taken(
        new=len(fresh),
        known=len(actions) - len(fresh),
        strangers=sum(row.target_id is None for row in fresh),
        enrolled=enrolled,
        withdrawn=withdrawn,
    )


def _people(raw: Collection[str]) -> tuple[dict[str, str], dict[str, int]]:
    """Each address as it is kept; and by an address's key the id of the target. One that a target has is
    kept already as it should be: making out what an address means is what takes time."""
    asked = {email_key(one) for one in raw}
    found = _targets(asked)
    kept = {email for email, _ in found.values()}
    emails = {one: one if one in kept else normalise(one) or one[:255] for one in raw}
    found |= _targets({email_key(one) for one in emails.values()} - asked)
    return emails, {key: pk for key, (_, pk) in found.items()}


def _hide_erased(account_id: int, rows: Iterable[Action]) -> None:
    """After their keys are made, so that what came in before the erasure is known again."""
    suppressed = Suppressed.of(account_id)
    for row in rows if suppressed.digests else ():
        if suppressed.has_email(email_key(row.email)):
            row.email = ""


def _targets(keys: Collection[str]) -> dict[str, tuple[str, int]]:
    wanted, found = sorted(keys), {}
    for start in range(0, len(wanted), BATCH):
        part = Target.objects.filter(email_key__in=wanted[start : start + BATCH])
        for key, email, pk in part.values_list("email_key", "email", "pk"):
            found[key] = (email, pk)
    return found


def _row(
    campaign: Campaign, one: NewAction, email: str, people: dict[str, int], door: str
) -> Action:
    key = identity.key_of(one.kind, email, one.happened_at, one.nth)
    return Action(
        account_id=campaign.account_id,
        campaign=campaign,
        target_id=people.get(email_key(email)),
        kind=one.kind,
        email=email,
        is_bot=one.is_bot,
        door=door,
        key=identity.hashed(one.key) if one.key else key,
        happened_at=one.happened_at,
    )


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
