from __future__ import annotations

from django.db import models


class Heartbeat(models.Model):
    """When a background part was last alive: `tick` (beat reached a worker), `worker` (a tick or a
    step of a run began)."""

    name = models.CharField(max_length=40, primary_key=True)
    beat_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name} at {self.beat_at:%Y-%m-%d %H:%M:%S}"
