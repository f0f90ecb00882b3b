"""Ends the demo's processes when the demo itself was killed and could not.

It is told on standard input, a line each, which process groups started and which ended. The end of
that input without a farewell means that the demo died.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from contextlib import suppress

STARTED, ENDED, FAREWELL = "started", "ended", "farewell"
GRACE_SECONDS = 5


def main() -> None:
    groups: set[int] = set()
    for line in sys.stdin:
        word, _, group_id = line.strip().partition(" ")
        if word == FAREWELL:
            return
        if word == STARTED:
            groups.add(int(group_id))
        else:
            groups.discard(int(group_id))
    end(groups)


def end(groups: set[int]) -> None:
    for group in groups:
        with suppress(ProcessLookupError):
            os.kill(group, signal.SIGTERM)
    time.sleep(GRACE_SECONDS)
    for group in groups:
        with suppress(ProcessLookupError):
            os.killpg(group, signal.SIGKILL)


if __name__ == "__main__":
    main()
