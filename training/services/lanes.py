"""A connection's lane as its own lock: one worker at a time, every write bound to the epoch."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Now

from integrations.models import Connection
from training.models import Lane


class LeaseLost(Exception):
    """Another worker has the lane: write nothing more."""


def _lease() -> timedelta:
    return timedelta(seconds=settings.LEASE_SECONDS)


def claim(connection: Connection) -> Lane | None:
    """Take the lane, or None while somebody else has it or it waits."""
    lane, _ = Lane.objects.get_or_create(
        connection=connection, defaults={"account_id": connection.account_id}
    )
    is_free = Q(lease_until=None) | Q(lease_until__lt=Now())
    is_time = Q(next_attempt_at=None) | Q(next_attempt_at__lte=Now())
    mine = Lane.objects.filter(is_free, is_time, pk=lane.pk, epoch=lane.epoch)
    if not mine.update(epoch=F("epoch") + 1, lease_until=Now() + _lease(), next_attempt_at=None):
        return None
    lane.refresh_from_db()
    return lane


@contextmanager
def fenced(lane: Lane) -> Iterator[None]:
    """A transaction that only happens while the lane is ours. Raises LeaseLost."""
    with transaction.atomic():
        _write(lane, lease_until=Now() + _lease())
        yield


def renew(lane: Lane) -> None:
    """Before the LMS is asked to change something that no row was marked for. Raises LeaseLost."""
    with fenced(lane):
        return


def keep(lane: Lane, **values: Any) -> None:
    with transaction.atomic():
        _write(lane, **values)


def give_back(lane: Lane, *, after_seconds: float = 0, **values: Any) -> None:
    wait = Now() + timedelta(seconds=after_seconds) if after_seconds else None
    keep(lane, lease_until=None, next_attempt_at=wait, **values)


def _write(lane: Lane, **values: Any) -> None:
    mine = Lane.objects.filter(pk=lane.pk, epoch=lane.epoch, lease_until__gt=Now())
    if not mine.update(**values):
        raise LeaseLost
