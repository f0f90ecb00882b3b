"""The Portal's Celery app for a worker that kills itself, and its whole group, while it enrols people:
KILL_AFTER=<n>:<end of a path> is after the n-th such call was answered, before anything is made of it.
People are few here, so that few are enough for a bulk import (FEWEST)."""

import os
import signal

from celery.signals import worker_process_init

from portal.celery import app

__all__ = ["app"]

NUMBER, _, PATH = os.environ["KILL_AFTER"].partition(":")
left = {"calls": int(NUMBER)}


@worker_process_init.connect
def watch(**_kwargs):
    from integrations.providers.litmos.client import LitmosClient
    from training.services import importing

    importing.FEWEST = int(os.environ["FEWEST"])
    real = LitmosClient._write

    def dying(client, method, path, *given, **named):
        answer = real(client, method, path, *given, **named)
        if method == "POST" and path.endswith(PATH):
            left["calls"] -= 1
            if left["calls"] == 0:
                os.killpg(0, signal.SIGKILL)
        return answer

    LitmosClient._write = dying
