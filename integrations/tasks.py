"""Celery's side of a sync. A message holds the run's id and nothing else; the row is the queue."""

from __future__ import annotations

import logging
from typing import Any

from celery import shared_task
from django.db import transaction
from kombu.exceptions import OperationalError

from integrations import services

logger = logging.getLogger(__name__)
BROKER_ERRORS = (OperationalError, OSError)


def wake(run_id: int, *, after_seconds: float = 0) -> None:
    """Put the run's next step on the queue once the transaction has committed. Never raises: a step
    that could not be queued is found by the next tick."""
    transaction.on_commit(lambda: _send(run_id, after_seconds), robust=True)


def _send(run_id: int, after_seconds: float) -> None:
    try:
        step.apply_async(kwargs={"run_id": run_id}, countdown=after_seconds)
    except BROKER_ERRORS as error:
        logger.warning(
            "queue unreachable, run %s waits for the tick: %s", run_id, type(error).__name__
        )


@shared_task(name="sync.step")
def step(*, run_id: int, **_unknown: Any) -> None:
    delay = services.advance(run_id=run_id)
    if delay is not None:
        wake(run_id, after_seconds=delay)


@shared_task(name="sync.tick")
def tick(**_unknown: Any) -> None:
    for run_id in services.tick().run_ids:
        wake(run_id)


@shared_task(name="sync.purge")
def purge(**_unknown: Any) -> None:
    services.purge()
