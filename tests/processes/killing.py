"""The Portal's Celery app for a worker that kills itself, and its whole group, at a chosen place:
KILL_AT=<phase>:<n> is the n-th write of that phase, in the middle of its transaction."""

import os
import signal

from celery.signals import worker_process_init

from portal.celery import app

__all__ = ["app"]

PHASE, _, NUMBER = os.environ["KILL_AT"].partition(":")
left = {"writes": int(NUMBER), "phase": ""}


@worker_process_init.connect
def watch(**_kwargs):
    from django.db import connection

    from integrations.sync import engine, finishing

    engine._advance = _noting(engine._advance)
    finishing.finish = _noting(finishing.finish)
    connection.execute_wrappers.append(_kill_at_the_write)


def _noting(function):
    def noting(run, *args):
        left["phase"] = str(run.phase)
        return function(run, *args)

    return noting


def _kill_at_the_write(execute, sql, params, many, context):
    if left["phase"] == PHASE and sql.lstrip(" \n-").startswith(
        ("INSERT", "UPDATE", "DELETE", "SAVE")
    ):
        left["writes"] -= 1
        if left["writes"] == 0:
            os.killpg(0, signal.SIGKILL)
    return execute(sql, params, many, context)
