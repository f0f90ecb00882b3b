"""What makes two tellings one action: who, what and when. GoPhish's webhook tells all digits of a time, while
its database may keep whole seconds, cut off (MariaDB) or rounded (MySQL)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from hashlib import sha256

from targets.emails import email_key
from training.models import Action, Campaign

SECOND, HALF = timedelta(seconds=1), timedelta(seconds=0.5)
BATCH = 1000


def key_of(kind: str, email: str, at: datetime, nth: int = 1) -> str:
    """`nth`: which of several alike, where times have whole seconds alone."""
    parts = [kind, email_key(email), at.isoformat(), *([str(nth)] if nth > 1 else [])]
    return hashed("|".join(parts))


def hashed(told: str) -> str:
    return sha256(told.encode()).hexdigest()


def known(campaign: Campaign, keys: Collection[str]) -> set[str]:
    wanted, found = sorted(keys), set()
    for start in range(0, len(wanted), BATCH):
        part = Action.objects.filter(campaign=campaign, key__in=wanted[start : start + BATCH])
        found |= set(part.values_list("key", flat=True))
    return found


def same_to_the_second(campaign: Campaign, rows: Sequence[Action]) -> dict[str, str]:
    """Key of a row → key of the action that it is, for those which are kept with more or fewer digits."""
    whole = [row for row in rows if not row.happened_at.microsecond]
    exact = [row for row in rows if row.happened_at.microsecond]
    return _kept_exactly(campaign, whole) | _kept_in_seconds(campaign, exact)


def _kept_exactly(campaign: Campaign, rows: Sequence[Action]) -> dict[str, str]:
    """Each action that is kept stands for one row at the most."""
    if not rows:
        return {}
    ordered = sorted(rows, key=lambda row: row.happened_at)
    kept: dict[tuple[str, str], list[tuple[datetime, str]]] = {_who(row): [] for row in rows}
    near = Action.objects.filter(
        campaign=campaign,
        happened_at__gte=ordered[0].happened_at - HALF,
        happened_at__lt=ordered[-1].happened_at + SECOND,
    )
    for action in near.only("kind", "email", "happened_at", "key").order_by("happened_at", "pk"):
        if action.happened_at.microsecond and _who(action) in kept:
            kept[_who(action)].append((action.happened_at, action.key))
    found = {}
    for row in ordered:
        since, until = row.happened_at - HALF, row.happened_at + SECOND
        same = next((one for one in kept[_who(row)] if since <= one[0] < until), None)
        if same:
            kept[_who(row)].remove(same)
            found[row.key] = same[1]
    return found


def _kept_in_seconds(campaign: Campaign, rows: Sequence[Action]) -> dict[str, str]:
    asked = {row.key: [key_of(row.kind, row.email, at) for at in _seconds(row)] for row in rows}
    there = known(campaign, {key for keys in asked.values() for key in keys})
    found = {}
    for key, keys in asked.items():
        same = next((one for one in keys if one in there), None)
        if same:
            there.remove(same)
            found[key] = same
    return found


def _seconds(row: Action) -> list[datetime]:
    cut = row.happened_at.replace(microsecond=0)
    return [cut, cut + SECOND] if row.happened_at - cut >= HALF else [cut]


def _who(action: Action) -> tuple[str, str]:
    return action.kind, email_key(action.email)
