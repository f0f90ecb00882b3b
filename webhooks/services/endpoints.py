"""What an Administrator does with endpoints."""

from __future__ import annotations

from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

from django.db import transaction
from django.utils import timezone

from accounts import audit
from accounts.models import Account
from webhooks.models import TEST, Delivery, Endpoint, State
from webhooks.sealing import seal
from webhooks.services.emitting import keep, rows_of, wake
from webhooks.signing import new_secret

MOST = 20


class TooMany(Exception):
    """The account has MOST endpoints."""


class IsOff(Exception):
    """The endpoint is switched off, so nothing is sent there."""


@transaction.atomic
def make_endpoint(*, account: Account, **values: Any) -> tuple[Endpoint, str]:
    """Returns the row and its secret, which is shown this once. Raises TooMany."""
    Account.objects.select_for_update(no_key=True).get(pk=account.pk)
    if Endpoint.objects.filter(account=account).count() >= MOST:
        raise TooMany
    secret = new_secret()
    sealed = seal(secret, account_id=account.pk)
    made = Endpoint.objects.create(account=account, secret_sealed=sealed, **values)
    audit.record(account=account, kind="WEBHOOK_MADE", subject=str(made), after=_told(values))
    return made, secret


@transaction.atomic
def change_endpoint(*, endpoint: Endpoint, **values: Any) -> None:
    before = _locked(endpoint)
    audit.record_change(
        account=endpoint.account,
        kind="WEBHOOK_CHANGED",
        subject=str(before),
        before=_told({name: getattr(before, name) for name in values}),
        after=_told(values),
    )
    Endpoint.objects.filter(pk=endpoint.pk).update(**values)


@transaction.atomic
def renew_secret(*, endpoint: Endpoint) -> str:
    """Returns the new one, which is shown this once; the one before it signs nothing from now on."""
    secret = new_secret()
    sealed = seal(secret, account_id=endpoint.account_id)
    Endpoint.objects.filter(pk=endpoint.pk).update(secret_sealed=sealed)
    audit.record(account=endpoint.account, kind="WEBHOOK_SECRET_MADE", subject=str(endpoint))
    return secret


@transaction.atomic
def switch_on(*, endpoint: Endpoint) -> bool:
    """What waits goes out. False where it was on already."""
    if not Endpoint.objects.filter(pk=endpoint.pk, is_active=False).update(is_active=True):
        return False
    audit.record(
        account=endpoint.account,
        kind="WEBHOOK_CHANGED",
        subject=str(endpoint),
        before={"is_active": False},
        after={"is_active": True},
    )
    return True


@transaction.atomic
def switch_off(*, endpoint: Endpoint, reason: str = "") -> bool:
    """What waits goes on waiting, and what happens from now on is not told. False where it was off."""
    if not Endpoint.objects.filter(pk=endpoint.pk, is_active=True).update(is_active=False):
        return False
    audit.record(
        account=endpoint.account,
        kind="WEBHOOK_SWITCHED_OFF",
        subject=str(endpoint),
        reason=reason,
    )
    return True


@transaction.atomic
def remove_endpoint(*, endpoint: Endpoint) -> None:
    """Its log goes too."""
    account, subject = endpoint.account, str(endpoint)
    endpoint.delete()
    audit.record(account=account, kind="WEBHOOK_REMOVED", subject=subject)


@transaction.atomic
def send_test(*, endpoint: Endpoint) -> None:
    """Raises IsOff."""
    if not _locked(endpoint).is_active:
        raise IsOff
    keep(rows_of([endpoint], TEST, {"message": "A test, sent by an Administrator."}))
    audit.record(account=endpoint.account, kind="WEBHOOK_TESTED", subject=str(endpoint))


@transaction.atomic
def send_again(*, delivery: Delivery) -> bool:
    """The same event, at once, with all its tries. False where a worker has it now, or it is off."""
    endpoint = delivery.endpoint
    if not endpoint.is_active:
        raise IsOff
    now = timezone.now()
    free = Delivery.objects.filter(pk=delivery.pk).exclude(lease_until__gt=now)
    if not free.update(state=State.PENDING, attempts=0, next_attempt_at=now, lease_until=None):
        return False
    audit.record(
        account=delivery.account,
        kind="WEBHOOK_SENT_AGAIN",
        subject=str(endpoint),
        after={"event": str(delivery.event_id), "type": delivery.type},
    )
    wake([delivery.pk])
    return True


def _told(values: dict[str, Any]) -> dict[str, Any]:
    """For the audit log. The path of an address may be a secret of the receiver's; that it has changed is
    told by its digest."""
    address = urlsplit(values["address"])
    digest = sha256(values["address"].encode()).hexdigest()[:8]
    return {**values, "address": f"{address.scheme}://{address.netloc}/… ({digest})"}


def _locked(endpoint: Endpoint) -> Endpoint:
    return Endpoint.objects.select_for_update().get(pk=endpoint.pk)
