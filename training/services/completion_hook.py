"""The LMS's own webhook, told by the secret in its address."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from django.db import transaction
from django.utils import timezone
from django_scopes import scope, scopes_disabled

from accounts import audit
from integrations import registry
from integrations.contract.records import CompletionRecord
from integrations.models import Connection
from training.models import Lane, ToldCompletion
from training.services.polling import take_completions

#: So long what was told before is known again when it is told once more.
KEPT = timedelta(days=30)
BATCH = 500


@transaction.atomic
def renew_address(*, connection: Connection) -> str:
    """Returns the secret of the new address, which is shown this once; the one before it ends."""
    secret = secrets.token_urlsafe(32)
    Lane.objects.update_or_create(
        connection=connection,
        defaults={
            "account_id": connection.account_id,
            "hook_hash": _hash(secret),
            "hook_used_at": None,
        },
    )
    audit.record(
        account=connection.account, kind="COMPLETION_ADDRESS_MADE", subject=connection.provider
    )
    return secret


@scopes_disabled()
def lane_of_address(secret: str) -> Lane | None:
    lanes = Lane.objects.select_related("connection", "account")
    return lanes.filter(hook_hash=_hash(secret)).first()


def keep_webhook(lane: Lane, payload: dict[str, Any]) -> bool:
    """Whether it told a completion, which is kept to be taken in later. Raises ValueError."""
    record = registry.get(lane.connection.provider).completion_in(payload)
    with scope(account=lane.account), transaction.atomic():
        Lane.objects.filter(pk=lane.pk).update(hook_used_at=timezone.now())
        if record:
            told = ToldCompletion(
                account=lane.account,
                connection=lane.connection,
                person_id=record.person_id,
                course_id=record.course_id,
                completed_at=record.completed_at,
            )
            ToldCompletion.objects.bulk_create([told], ignore_conflicts=True)
    return record is not None


@scopes_disabled()
def told_connections() -> list[int]:
    """Ids of those whose webhook told something that is not taken in yet."""
    told = ToldCompletion.objects.filter(taken_at=None).order_by()
    return list(told.values_list("connection_id", flat=True).distinct())


def take_told(*, connection_id: int) -> int:
    """Takes in what was told; returns how many enrolments it completed. Safe to repeat."""
    with scopes_disabled():
        connection = Connection.objects.select_related("account").get(pk=connection_id)
    completed = 0
    with scope(account=connection.account):
        waiting = ToldCompletion.objects.filter(connection=connection, taken_at=None)
        while rows := list(waiting.order_by("pk")[:BATCH]):
            completed += _take(connection_id, rows)
    return completed


@transaction.atomic
def _take(connection_id: int, rows: list[ToldCompletion]) -> int:
    told = [CompletionRecord(row.person_id, row.course_id, row.completed_at) for row in rows]
    taken = ToldCompletion.objects.filter(pk__in=[row.pk for row in rows])
    taken.update(taken_at=timezone.now())
    return take_completions(connection_id, told)


@scopes_disabled()
def forget_told(*, now: datetime | None = None) -> None:
    taken_before = (now or timezone.now()) - KEPT
    ToldCompletion.objects.filter(taken_at__lt=taken_before).delete()


def _hash(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()
