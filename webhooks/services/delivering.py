"""One attempt to deliver an event: claimed, sent while no transaction is open, and noted."""

from __future__ import annotations

import json
import random
import time
import unicodedata
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q, QuerySet, Window
from django.db.models.functions import RowNumber
from django.utils import timezone
from django_scopes import scope, scopes_disabled

from accounts import audit
from webhooks.addresses import Refused, place_of
from webhooks.client import Answer, Client
from webhooks.models import Delivery, Endpoint, State
from webhooks.sealing import Unreadable, unseal
from webhooks.services.endpoints import switch_off
from webhooks.signing import headers

PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 30, 2 * 60, 6 * 60, 24 * 60))
MOST_ATTEMPTS = len(PAUSES) + 1
#: Of a pause, so that what failed together is not tried together.
MOST_LATER = 0.1
#: Longer than a call may take in all.
LEASE = timedelta(seconds=60)
#: In one tick, so that one slow receiver does not keep the others waiting.
MOST_A_TICK, MOST_OF_ONE = 200, 20
LONGEST_ANSWER = Delivery._meta.get_field("answer").max_length or 0
GONE = 410


def deliver(*, delivery_id: int, client: Client | None = None) -> None:
    """Does nothing where the row is not due, or another worker has it. The account comes from the row."""
    with scopes_disabled():
        row = Delivery.objects.select_related("account").filter(pk=delivery_id).first()
    if row is None:
        return
    with scope(account=row.account):
        claimed = _claim(delivery_id, timezone.now())
        if claimed and claimed.attempts <= MOST_ATTEMPTS:
            _note(claimed, _attempt(claimed, client or _client()))
        elif claimed:
            _note(claimed, Answer(error="worker_lost"))


def _claim(delivery_id: int, now: datetime) -> Delivery | None:
    able = _due(now).filter(pk=delivery_id)
    if not able.update(attempts=F("attempts") + 1, lease_until=now + LEASE, tried_at=now):
        return None
    found = Delivery.objects.select_related("endpoint", "account").filter(pk=delivery_id)
    return found.first()


def _due(now: datetime) -> QuerySet[Delivery]:
    is_free = Q(lease_until=None) | Q(lease_until__lte=now)
    active = Endpoint.objects.filter(is_active=True)
    rows = Delivery.objects.filter(state=State.PENDING, next_attempt_at__lte=now)
    return rows.filter(is_free, endpoint__in=active)


def _client() -> Client:
    return Client(is_private_allowed=settings.WEBHOOK_PRIVATE)


def _attempt(row: Delivery, client: Client) -> Answer:
    endpoint = row.endpoint
    try:
        place = place_of(endpoint.address, is_private_allowed=client.is_private_allowed)
        secret = unseal(endpoint.secret_sealed, account_id=row.account_id)
    except Refused as refusal:
        return Answer(error=str(refusal))
    except Unreadable:
        return Answer(error="secret_unreadable")
    body = json.dumps(row.body, ensure_ascii=False, separators=(",", ":")).encode()
    signed = headers(
        secret=secret, event_id=str(row.event_id), timestamp=int(time.time()), body=body
    )
    plain = {"Content-Type": "application/json", "User-Agent": "Portal", "Host": place.authority}
    return client.post(place, headers=plain | signed, body=body)


@transaction.atomic
def _note(row: Delivery, answer: Answer) -> None:
    """Unless another worker has taken the row over since."""
    values = _came_of(row, answer) | {
        "lease_until": None,
        "status_code": answer.status,
        "error": answer.error,
        "answer": fit(answer.text),
        "milliseconds": answer.milliseconds,
    }
    mine = Delivery.objects.filter(pk=row.pk, attempts=row.attempts, lease_until=row.lease_until)
    if mine.update(**values) and answer.status == GONE:
        with audit.coming_from(audit.PORTAL):
            switch_off(endpoint=row.endpoint, reason="The receiver answered 410 Gone.")


def _came_of(row: Delivery, answer: Answer) -> dict[str, object]:
    if answer.status is not None and 200 <= answer.status < 300:
        return {"state": State.DELIVERED, "next_attempt_at": None}
    if answer.status == GONE or row.attempts >= MOST_ATTEMPTS:
        return {"state": State.GIVEN_UP, "next_attempt_at": None}
    return {"next_attempt_at": timezone.now() + _pause(row.attempts, answer.wait)}


def _pause(attempts: int, asked: float) -> timedelta:
    """Our own, somewhat later, or what the receiver asks for where that is more."""
    own = PAUSES[attempts - 1] * random.uniform(1, 1 + MOST_LATER)  # noqa: S311 - no secret
    return max(own, timedelta(seconds=asked))


def fit(answer: bytes) -> str:
    """The beginning, on one line, without what could not be stored or would turn a page's text around."""
    text = answer.decode("utf-8", "replace")
    shown = (" " if char.isspace() else char for char in text)
    kept = (char for char in shown if unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Co"))
    return " ".join("".join(kept).split())[:LONGEST_ANSWER]


@scopes_disabled()
def due_deliveries(*, now: datetime | None = None) -> list[int]:
    """Ids for the tick, the longest due first, and of each endpoint only some."""
    place = Window(RowNumber(), partition_by="endpoint_id", order_by=["next_attempt_at", "pk"])
    rows = _due(now or timezone.now()).annotate(place=place).filter(place__lte=MOST_OF_ONE)
    return list(rows.order_by("next_attempt_at", "pk").values_list("pk", flat=True)[:MOST_A_TICK])


@scopes_disabled()
def purge(*, now: datetime | None = None) -> None:
    kept = timedelta(days=settings.KEEP_WEBHOOK_DAYS)
    Delivery.objects.filter(created_at__lt=(now or timezone.now()) - kept).delete()
