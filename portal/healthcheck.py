"""`python -I -S portal/healthcheck.py`: by exit code whether the web process beside it is ready; with `beat`
or `worker`, whether that part has left a sign of life lately.

Container engines run it all the time, so it is a file of its own that needs neither Django nor Celery.
"""

import os
import socket
import sys
import time
from pathlib import Path

#: Files in PORTAL_VAR that each part touches.
BEAT_FILE, WORKER_FILE = "beat", "worker"
#: A beat sends something each tick.
TICKS = 3
#: A worker that is well touches its file every two seconds.
WORKER_SECONDS = 60
ANSWER_SECONDS = 9


def is_ready(port: int) -> bool:
    ask = b"GET /readyz HTTP/1.0\r\nHost: localhost\r\n\r\n"
    with socket.create_connection(("127.0.0.1", port), timeout=ANSWER_SECONDS) as web:
        web.sendall(ask)
        answer = web.makefile("rb").readline()
    return answer.split()[1:2] == [b"200"]


def is_fresh(name: str, seconds: float) -> bool:
    written = (Path(os.environ["PORTAL_VAR"]) / name).stat().st_mtime
    return time.time() - written < seconds


def is_well(part: str) -> bool:
    if part == "beat":
        return is_fresh(BEAT_FILE, TICKS * float(os.environ.get("PORTAL_TICK_SECONDS", "60")))
    if part == "worker":
        return is_fresh(WORKER_FILE, WORKER_SECONDS)
    return is_ready(int(os.environ.get("PORT", "8000")))


if __name__ == "__main__":
    try:
        sys.exit(not is_well(*sys.argv[1:] or ["web"]))
    except OSError as error:
        sys.exit(str(error))
