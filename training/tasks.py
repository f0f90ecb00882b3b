"""Celery's side of remediation. A message holds a connection's id and nothing else."""

from __future__ import annotations

import logging
from typing import Any

from celery import shared_task
from kombu.exceptions import OperationalError

from accounts.tracing import bound
from training.services.completion_hook import forget_told, take_told, told_connections
from training.services.forgetting import forget_leavers
from training.services.working import advance_lane, due_connections

logger = logging.getLogger(__name__)
BROKER_ERRORS = (OperationalError, OSError)


def wake(connection_id: int, *, after_seconds: float = 0) -> None:
    """Never raises: a lane that could not be queued is found by the next tick."""
    try:
        step.apply_async(kwargs={"connection_id": connection_id}, countdown=after_seconds)
    except BROKER_ERRORS as error:
        logger.warning(
            "queue unreachable, lane %s waits for the tick: %s", connection_id, type(error).__name__
        )


def wake_told(connection_id: int) -> None:
    """Never raises, as `wake`."""
    try:
        take_told_completions.apply_async(kwargs={"connection_id": connection_id})
    except BROKER_ERRORS as error:
        logger.warning("queue unreachable, completions wait: %s", type(error).__name__)


@shared_task(name="training.take_told")
def take_told_completions(*, connection_id: int, **_unknown: Any) -> None:
    take_told(connection_id=connection_id)


@shared_task(name="training.purge")
def purge(**_unknown: Any) -> None:
    forget_told()
    forget_leavers()


@shared_task(name="training.step")
def step(*, connection_id: int, **_unknown: Any) -> None:
    with bound(connection_id=connection_id):
        delay = advance_lane(connection_id=connection_id)
    if delay is not None:
        wake(connection_id, after_seconds=delay)


@shared_task(name="training.tick")
def tick(**_unknown: Any) -> None:
    for connection_id in due_connections():
        wake(connection_id)
    for connection_id in told_connections():
        wake_told(connection_id)
