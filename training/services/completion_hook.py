"""The LMS's own webhook, told by the secret in its address."""

from __future__ import annotations

import secrets
from hashlib import sha256
from typing import Any

from django.db import transaction
from django.utils import timezone
from django_scopes import scope, scopes_disabled

from accounts import audit
from integrations import registry
from integrations.contract.provider import Capability
from integrations.models import Connection
from training.models import Lane
from training.services.lms import enrolling_connections
from training.services.polling import take_completions


def telling_connections() -> list[Connection]:
    """Those in scope whose provider can tell completions, with their lanes."""
    return [
        one
        for one in enrolling_connections()
        if Capability.COMPLETION in registry.get(one.provider).capabilities
    ]


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


def take_webhook(lane: Lane, payload: dict[str, Any]) -> int:
    """How many enrolments it completed: none for one that was sent before, or is about something else.
    Raises ValueError."""
    record = registry.get(lane.connection.provider).completion_in(payload)
    with scope(account=lane.account):
        Lane.objects.filter(pk=lane.pk).update(hook_used_at=timezone.now())
        return take_completions(lane.connection_id, [record] if record else [])


def _hash(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()
