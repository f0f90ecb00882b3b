import os
from pathlib import Path
from typing import Any

from celery import Celery
from celery.signals import after_task_publish, beat_init, heartbeat_sent
from django.conf import settings

from portal.healthcheck import BEAT_FILE, WORKER_FILE

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

app = Celery("portal")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@beat_init.connect
def watch_beat(**_: Any) -> None:
    after_task_publish.connect(_note_that_it_beats)


def _note_that_it_beats(**_: Any) -> None:
    """For its health check, which sees no more of it than this file."""
    (Path(settings.PORTAL_VAR) / BEAT_FILE).touch()


@heartbeat_sent.connect
def _note_that_it_works(**_: Any) -> None:
    """Every two seconds, by the process that takes messages and hands them to the others."""
    (Path(settings.PORTAL_VAR) / WORKER_FILE).touch()
