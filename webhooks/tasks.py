"""Celery's side of webhooks. A message holds a row's id and nothing else."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

from celery import shared_task
from kombu.exceptions import OperationalError

from webhooks import services

logger = logging.getLogger(__name__)
BROKER_ERRORS = (OperationalError, OSError)
#: The next tick finds the row again, so messages never pile up.
GOOD_FOR_SECONDS = 50


def wake_each(*, ids: Sequence[int], **_unknown: Any) -> None:
    """Never raises: what could not be queued is found by the next tick."""
    try:
        for delivery_id in ids:
            deliver.apply_async(kwargs={"delivery_id": delivery_id}, expires=GOOD_FOR_SECONDS)
    except BROKER_ERRORS as error:
        logger.warning("queue unreachable, webhooks wait: %s", type(error).__name__)


@shared_task(name="webhooks.deliver")
def deliver(*, delivery_id: int, **_unknown: Any) -> None:
    services.deliver(delivery_id=delivery_id)


@shared_task(name="webhooks.tick")
def tick(**_unknown: Any) -> None:
    wake_each(ids=services.due_deliveries())


@shared_task(name="webhooks.purge")
def purge(**_unknown: Any) -> None:
    services.purge()
