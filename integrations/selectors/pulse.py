"""Whether the background parts have been heard of lately."""

from __future__ import annotations

from datetime import datetime, timedelta

from integrations.models import Heartbeat

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
    return is_silent(beats().get("tick"), now)
