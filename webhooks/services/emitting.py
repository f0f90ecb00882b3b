"""An event is a row for each endpoint that wants it, in the transaction of what happened."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import uuid4

from django.db import transaction
from django.dispatch import Signal
from django.utils import timezone

from accounts.models import Account
from webhooks.models import Delivery, Endpoint

Body = dict[str, Any]

#: Sent after the commit, with the `ids` of rows to deliver at once; the tick finds those that are not.
due = Signal()
AT_ONCE = 20
BATCH = 500


def emit(*, account: Account, type: str, body: Body) -> None:
    emit_each(account_id=account.pk, type=type, bodies=[body])


def emit_each(*, account_id: int, type: str, bodies: Iterable[Body]) -> None:
    """One event for each body. `email` in a body goes only to who asked for it. Costs one query, and makes
    no body, where nobody wants it."""
    endpoints = wanting(account_id, type)
    if not endpoints:
        return
    rows: list[Delivery] = []
    for body in bodies:
        rows += rows_of(endpoints, type, body)
    keep(rows)


def wanting(account_id: int, type: str) -> list[Endpoint]:
    active = Endpoint.objects.filter(account_id=account_id, is_active=True).order_by("pk")
    return [endpoint for endpoint in active if type in endpoint.events]


def rows_of(endpoints: Iterable[Endpoint], type: str, body: Body) -> list[Delivery]:
    event_id, now = uuid4(), timezone.now()
    return [
        Delivery(
            account_id=endpoint.account_id,
            endpoint=endpoint,
            event_id=event_id,
            type=type,
            created_at=now,
            next_attempt_at=now,
            body={
                "id": str(event_id),
                "type": type,
                "created_at": now.isoformat(timespec="milliseconds"),
                "account": endpoint.account_id,
                "data": _told(endpoint, body),
            },
        )
        for endpoint in endpoints
    ]


def _told(endpoint: Endpoint, body: Body) -> Body:
    return {name: body[name] for name in body if endpoint.include_email or name != "email"}


def keep(rows: list[Delivery]) -> None:
    Delivery.objects.bulk_create(rows, batch_size=BATCH)
    wake([row.pk for row in rows[:AT_ONCE]])


def wake(ids: list[int]) -> None:
    transaction.on_commit(lambda: due.send(sender=Delivery, ids=ids), robust=True)
