import os
from pathlib import Path
from typing import Any

from celery import Celery
from celery.signals import after_task_publish, beat_init
from django.conf import settings

from portal.healthcheck import BEAT_FILE

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

app = Celery("portal")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@beat_init.connect
def watch_beat(**_: Any) -> None:
    after_task_publish.connect(_note_that_it_beats)


def _note_that_it_beats(**_: Any) -> None:
    """For its health check, which sees no more of beat than this file."""
    (Path(settings.PORTAL_VAR) / BEAT_FILE).touch()
