"""`python -m portal.healthcheck`: whether the web process beside it is ready, by exit code."""

import os
import sys
import urllib.error
import urllib.request
from urllib.parse import urlsplit


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


if __name__ == "__main__":
    sys.exit(not is_ready(os.environ.get("PORT", "8000")))
