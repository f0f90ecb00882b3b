"""The guard's numbers of one connection."""

from __future__ import annotations

from dataclasses import asdict

from django.db import transaction

from accounts import audit
from accounts.models import User
from integrations.models import Connection
from integrations.sync.guard import Thresholds


def limits_of(connection: Connection) -> Thresholds:
    return Thresholds.of(connection.thresholds)


@transaction.atomic
def save_limits(*, connection: Connection, user: User | None, limits: Thresholds) -> None:
    """Only what differs from the defaults is kept, so that a better default reaches everybody else."""
    before, after, defaults = (
        asdict(each) for each in (limits_of(connection), limits, Thresholds())
    )
    audit.record_change(
        account=connection.account,
        user=user,
        kind="LIMITS_SAVED",
        subject=connection.provider,
        before=before,
        after=after,
    )
    connection.thresholds = {
        name: value for name, value in after.items() if value != defaults[name]
    }
    connection.save(update_fields=["thresholds"])
