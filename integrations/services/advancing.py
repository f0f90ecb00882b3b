"""One step of a run: claimed, worked on for a while, given back or ended."""

from __future__ import annotations

import logging
import time
from contextlib import closing, nullcontext

from django.conf import settings
from django.db import DatabaseError
from django.utils import timezone
from django_scopes import scope, scopes_disabled

from integrations.contract.errors import Credentials, Fatal, IntegrationError
from integrations.models import Heartbeat, SyncRun
from integrations.services.connecting import connect_to
from integrations.services.telling import tell
from integrations.sync import engine, finishing, journal
from integrations.sync.store import is_disk_full

logger = logging.getLogger(__name__)
MOST_ATTEMPTS = engine.MOST_ATTEMPTS


def advance(*, run_id: int) -> float | None:
    """Returns the seconds until the next step wants to be queued; None when there is nothing to do.

    The account comes from the run's row, never from a message.
    """
    with scopes_disabled():
        run = SyncRun.objects.select_related("account").filter(pk=run_id).first()
    if run is None:
        return None
    with scope(account=run.account):
        claimed = journal.claim(run.pk)
        return _step(claimed) if claimed else None


def _step(run: SyncRun) -> float | None:
    delay: float | None = None
    Heartbeat.objects.update_or_create(name="worker", defaults={"beat_at": timezone.now()})
    try:
        if run.attempts > MOST_ATTEMPTS:
            raise Fatal("worker_lost")
        delay = _work(run)
    except IntegrationError as error:
        _fail(run, error)
    except DatabaseError as error:
        if not is_disk_full(error):
            raise
        _fail(run, Fatal("storage"))
    run.refresh_from_db()
    if not run.is_open:
        tell(run)
    return delay


def _work(run: SyncRun) -> float | None:
    """An undo asks nobody: it goes on without a key, too."""
    until = time.monotonic() + settings.STEP_SECONDS
    opened = nullcontext() if run.undoes_id else closing(connect_to(run.connection, "SYNC"))
    with opened as session:
        return engine.work(run, session, is_time_up=lambda: time.monotonic() >= until)


def _fail(run: SyncRun, error: IntegrationError) -> None:
    try:
        finishing.fail(
            run,
            code=error.code,
            detail=error.detail,
            is_credentials=isinstance(error, Credentials),
        )
    except journal.LeaseLost:
        logger.info("run %s was taken over", run.pk)
