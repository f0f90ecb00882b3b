"""Takes a claimed run from phase to phase until it ends or the step's time is up."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from contextlib import closing

from django.db import IntegrityError

from integrations.contract.errors import (
    BudgetEmpty,
    Credentials,
    Fatal,
    IntegrationError,
    Retryable,
)
from integrations.contract.provider import Session
from integrations.models import Phase, SyncRun
from integrations.sync import (
    applier,
    carrier,
    changes,
    finishing,
    journal,
    members,
    one_person,
    reader,
    stages,
)
from integrations.sync.ahead import Ahead
from integrations.sync.confirm import confirm
from integrations.sync.pages import count_calls
from integrations.sync.statistics import has_many_staged, refresh_staging

logger = logging.getLogger(__name__)

MOST_ATTEMPTS = 5
BACKOFF_SECONDS = (60, 60, 300, 900)
NOW = 0.0
#: Within a burst the next call is free at once, as fast as the calls of the burst before were made: giving
#: the worker back would take longer.
WORTH_WAITING = 0.25


def work(run: SyncRun, session: Session | None, *, is_time_up: Callable[[], bool]) -> float | None:
    """One step of a claimed run. Returns the seconds until the next step, None when the run has ended
    or another step has it."""
    try:
        return _work(run, session, is_time_up)
    except journal.LeaseLost:
        logger.info("run %s was taken over", run.pk)
        return None
    except journal.Cancelled:
        finishing.cancel(run)
        return None
    except BudgetEmpty as error:
        return _pause(run, session, error.delay_seconds or 1.0, is_progress=True)
    except Retryable as error:
        return _retry(run, session, error)
    except IntegrationError as error:
        _give_up(run, session, error)
        return None


def _work(run: SyncRun, session: Session | None, is_time_up: Callable[[], bool]) -> float | None:
    if session is None:
        return _to_the_end(run, None, is_time_up)
    ahead = Ahead(session)
    with closing(ahead):
        return _to_the_end(run, ahead, is_time_up)


def _to_the_end(run: SyncRun, ahead: Ahead | None, is_time_up: Callable[[], bool]) -> float | None:
    while run.phase != Phase.FINISH:
        before = run.phase
        _advance_soon(run, ahead)
        if run.phase == Phase.CONFIRM != before and has_many_staged(run):
            refresh_staging()
        if is_time_up() and not (ahead and ahead.winds_down()):
            return _pause(run, ahead.session if ahead else None, NOW, is_progress=True)
    finishing.finish(run)
    return None


def _advance_soon(run: SyncRun, ahead: Ahead | None) -> None:
    try:
        _advance(run, ahead)
    except BudgetEmpty as error:
        if (error.delay_seconds or 1) > WORTH_WAITING:
            raise
        time.sleep(error.delay_seconds or 0)


def _advance(run: SyncRun, ahead: Ahead | None) -> None:
    if run.phase == Phase.PLAN:
        run.phase = stages.plan_next(run)
    elif run.phase == Phase.APPLY:
        _apply(run)
    elif ahead is None:
        raise Fatal("no_key")
    elif run.phase in READING_AHEAD:
        run.phase = READING_AHEAD[run.phase](run, ahead)
    else:
        run.phase = READING[run.phase](run, ahead.session)


READING_AHEAD: dict[str, Callable[[SyncRun, Ahead], str]] = {
    Phase.PEOPLE: reader.read_people,
    Phase.MEMBERS: members.read_members,
    Phase.COURSES: reader.read_courses_page,
}
READING: dict[str, Callable[[SyncRun, Session], str]] = {
    Phase.TEAMS: reader.read_teams,
    Phase.PERSON: one_person.read_person,
    Phase.CHANGES: changes.read_changes,
    Phase.CONFIRM: confirm,
}


def _apply(run: SyncRun) -> None:
    """Somebody may have made a target or a group of the same name since the plan: then plan again."""
    try:
        run.phase = carrier.apply_undo(run) if run.undoes_id else applier.apply(run)
    except IntegrityError:
        if run.attempts >= MOST_ATTEMPTS:
            raise
        run.attempts += 1
        stages.plan_again(run)


def _pause(
    run: SyncRun, session: Session | None, seconds: float, *, is_progress: bool
) -> float | None:
    count_calls(run, session)
    try:
        journal.release(run, after_seconds=seconds, is_progress=is_progress)
    except journal.LeaseLost:
        return None
    return seconds


def _retry(run: SyncRun, session: Session | None, error: Retryable) -> float | None:
    """Wait 1, 5, 15 minutes or as long as was asked for; the fifth attempt without progress is the last.
    A throttle that does not end is an outage."""
    if run.attempts >= MOST_ATTEMPTS:
        _give_up(run, session, error)
        return None
    backoff = BACKOFF_SECONDS[max(run.attempts, 1) - 1]
    is_first = error.delay_seconds is not None and run.attempts <= 1
    seconds = error.delay_seconds if is_first else max(error.delay_seconds or 0, backoff)
    return _pause(run, session, seconds or NOW, is_progress=False)


def _give_up(run: SyncRun, session: Session | None, error: IntegrationError) -> None:
    count_calls(run, session)
    try:
        finishing.fail(
            run,
            code=error.code,
            detail=error.detail,
            is_credentials=isinstance(error, Credentials),
        )
    except journal.LeaseLost:
        logger.info("run %s was taken over", run.pk)
