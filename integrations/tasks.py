"""Celery's side of a sync. A message holds the run's id and nothing else; the row is the queue."""

from __future__ import annotations

import logging
from time import monotonic
from typing import Any, cast

from celery import current_app, shared_task
from django.db import transaction
from kombu.exceptions import ChannelError, OperationalError
from kombu.transport.virtual import Channel

from accounts.tracing import bound
from integrations import services

logger = logging.getLogger(__name__)
BROKER_ERRORS = (OperationalError, OSError)
QUEUE = "sync"
#: Redis reads the smaller number first; files are read as they come. A run that somebody waits for, or
#: that works for less time than it then waits, is short work; a night that begins is before all that
#: goes on for long, so the small ones are not behind the large ones.
SHORT, NIGHT, LONG = 0, 3, 6


def wake(run_id: int, *, after_seconds: float = 0, priority: int = SHORT) -> None:
    """Put the run's next step on the queue once the transaction has committed. Never raises: a step
    that could not be queued is found by the next tick."""
    transaction.on_commit(lambda: _send(run_id, after_seconds, priority), robust=True)


def _send(run_id: int, after_seconds: float, priority: int) -> None:
    try:
        step.apply_async(kwargs={"run_id": run_id}, countdown=after_seconds, priority=priority)
    except BROKER_ERRORS as error:
        logger.warning(
            "queue unreachable, run %s waits for the tick: %s", run_id, type(error).__name__
        )


def messages() -> int:
    """How many steps are on the queue and with no worker yet; 0 when it can't be told."""
    try:
        with current_app.connection_for_write() as broker:
            declared = cast(Channel, broker.default_channel).queue_declare(QUEUE, passive=True)
    except (ChannelError, *BROKER_ERRORS):
        return 0
    return int(declared.message_count)


@shared_task(name="sync.step")
def step(*, run_id: int, **_unknown: Any) -> None:
    begin = monotonic()
    with bound(run_id=run_id):
        delay = services.advance(run_id=run_id)
    if delay is not None:
        is_short = delay > monotonic() - begin
        wake(run_id, after_seconds=delay, priority=SHORT if is_short else LONG)


@shared_task(name="sync.tick")
def tick(**_unknown: Any) -> None:
    found = services.tick(messages=messages())
    for run_id in found.begun:
        wake(run_id)
    for run_id in found.new:
        wake(run_id, priority=NIGHT)


@shared_task(name="sync.purge")
def purge(**_unknown: Any) -> None:
    services.purge()
