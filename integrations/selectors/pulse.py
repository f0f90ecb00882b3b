"""Whether the background parts have been heard of lately."""

from __future__ import annotations

from datetime import datetime, timedelta

from integrations.models import Connection, Heartbeat

SILENT_AFTER = timedelta(minutes=5)
SILENT = (
    "The scheduler has not been heard of for more than five minutes, so syncs may not start.",
    "Ask the operator of the Portal to look at its worker and beat processes.",
)


def beats() -> dict[str, datetime]:
    return dict(Heartbeat.objects.values_list("name", "beat_at"))


def is_silent(beat_at: datetime | None, now: datetime) -> bool:
    return beat_at is None or now - beat_at > SILENT_AFTER


def is_scheduler_silent(now: datetime) -> bool:
    """In the first minutes of an installation it can't have been heard of."""
    return is_silent(beats().get("tick") or _first_set_up_at(), now)


def _first_set_up_at() -> datetime | None:
    made = Connection.objects.order_by("created_at").values_list("created_at", flat=True)
    return made.first()
