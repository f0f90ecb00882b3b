"""`python -m portal.healthcheck`: whether the web process beside it is ready, by exit code; with `beat`,
whether beat has sent something lately."""

import os
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from urllib.parse import urlsplit

BEAT_FILE = "beat"
#: A beat sends something each tick.
TICKS = 3


def is_ready(port: str) -> bool:
    """Asks by the Portal's own host name, since any other is refused."""
    host = urlsplit(os.environ["PORTAL_URL"]).hostname or ""
    request = urllib.request.Request(f"http://127.0.0.1:{port}/readyz", headers={"Host": host})
    try:
        with urllib.request.urlopen(request, timeout=5):  # noqa: S310 - always http to loopback
            return True
    except (urllib.error.URLError, OSError) as error:
        print(error, file=sys.stderr)  # noqa: T201 - what the container engine shows
        return False


def is_beating() -> bool:
    tick = float(os.environ.get("PORTAL_TICK_SECONDS", "60"))
    try:
        age = time.time() - (Path(os.environ["PORTAL_VAR"]) / BEAT_FILE).stat().st_mtime
    except OSError as error:
        print(error, file=sys.stderr)  # noqa: T201 - what the container engine shows
        return False
    return age < TICKS * tick


if __name__ == "__main__":
    is_well = is_beating() if sys.argv[1:] == ["beat"] else is_ready(os.environ.get("PORT", "8000"))
    sys.exit(not is_well)
