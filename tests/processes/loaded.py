"""The Portal, loaded once, of which the processes of an installation are forks: loading takes three seconds.

Reads a line of JSON for each process: [module, words, environment, its three streams as paths, is it a
server]. Answers with its number and how it ended: for a command when it has ended, for a server at once. A
server gets a group of its own.
"""

from __future__ import annotations

import ctypes
import importlib
import json
import os
import runpy
import signal
import sys

import django

PR_SET_PDEATHSIG = 1


def main() -> None:
    django.setup()
    for module in ("portal.celery", "portal.urls", "celery.apps.worker", "celery.apps.beat"):
        importlib.import_module(module)
    for line in sys.stdin:
        module, words, environment, streams, is_server = json.loads(line)
        number = os.fork()
        if is_server:
            # Here as well as there, so that it can be killed from now on.
            os.setpgid(number, number)
        if number == 0:
            begin(module, words, environment, streams)
        status = 0 if is_server else os.waitstatus_to_exitcode(os.waitpid(number, 0)[1])
        sys.stdout.write(f"{json.dumps([number, status])}\n")
        sys.stdout.flush()


def begin(module: str, words: list[str], environment: dict[str, str], streams: list[str]) -> None:
    """As `python -m` would. Ends with the process that it was forked from: a test run leaves none behind."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    for number, path in enumerate(streams):
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND if number else os.O_RDONLY
        os.dup2(os.open(path, flags, 0o600), number)
    sys.stdin, sys.stdout, sys.stderr = (os.fdopen(one, mode) for one, mode in enumerate("rww"))
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = [module, *words]
    status = 0
    try:
        runpy.run_module(module, run_name="__main__", alter_sys=True)
    except SystemExit as ended:
        status = ended.code if isinstance(ended.code, int) else int(bool(ended.code))
    except BaseException:
        sys.excepthook(*sys.exc_info())
        status = 1
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


if __name__ == "__main__":
    main()
