"""Who somebody is at the LMS."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from django.utils import timezone

from integrations.contract.provider import Session
from integrations.models import TargetLink
from targets.models import Target
from training.models import Lane, Login, PersonLink
from training.services.lanes import fenced, renew

#: Logins that were read longer ago are not relied on.
LOGINS_LAST = timedelta(hours=1)
BATCH = 500


def known_ids(lane: Lane, targets: Sequence[Target]) -> dict[int, str]:
    """Target id → id at the LMS, of those whom a sync brought over or who were found before."""
    found: dict[int, str] = {}
    for kind in (PersonLink, TargetLink):
        for start in range(0, len(targets), BATCH):
            part = targets[start : start + BATCH]
            links = kind.objects.filter(connection=lane.connection_id, target__in=part)
            found |= dict(links.values_list("target_id", "integration_id"))
    return found


def find(session: Session, lane: Lane, target: Target) -> str:
    """By e-mail, in one call; made where that is switched on. '' when the LMS has nobody."""
    same = [one for one in session.search_people(target.email) if one.email_key == target.email_key]
    active = [one.integration_id for one in same if one.is_active]
    if active:
        person_id = active[0]
    elif same or not lane.creates_people:
        return ""
    else:
        renew(lane)
        person_id = _create(session, target)
    remember(lane, {target.pk: person_id})
    return person_id


def _create(session: Session, target: Target) -> str:
    """Who has no names is called by their e-mail."""
    first, _, rest = target.name.partition(" ")
    return session.create_person(
        email=target.email,
        first_name=target.first_name or first or target.email,
        last_name=target.last_name or rest or first or target.email,
    )


def remember(lane: Lane, found: dict[int, str]) -> None:
    rows = [
        PersonLink(
            account_id=lane.account_id,
            connection_id=lane.connection_id,
            target_id=target_id,
            integration_id=person_id,
        )
        for target_id, person_id in found.items()
    ]
    with fenced(lane):
        PersonLink.objects.bulk_create(rows, batch_size=BATCH, ignore_conflicts=True)


def forget(lane: Lane, target: Target) -> None:
    with fenced(lane):
        PersonLink.objects.filter(connection=lane.connection_id, target=target).delete()


def has_logins(lane: Lane) -> bool:
    return bool(lane.logins_at and timezone.now() - lane.logins_at < LOGINS_LAST)


def logins_by_email(lane: Lane, targets: Sequence[Target]) -> dict[str, Login]:
    """Active ones only; of several with one e-mail the first by id."""
    found: dict[str, Login] = {}
    for start in range(0, len(targets), BATCH):
        keys = [target.email_key for target in targets[start : start + BATCH]]
        logins = Login.objects.filter(
            connection=lane.connection_id, email_key__in=keys, is_active=True
        )
        for login in logins.order_by("-integration_id"):
            found[login.email_key] = login
    return found


def logins_by_id(lane: Lane, person_ids: Sequence[str]) -> dict[str, Login]:
    found: dict[str, Login] = {}
    for start in range(0, len(person_ids), BATCH):
        part = person_ids[start : start + BATCH]
        logins = Login.objects.filter(connection=lane.connection_id, integration_id__in=part)
        found |= {login.integration_id: login for login in logins}
    return found
