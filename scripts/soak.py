"""Run random sequences of everything that may happen to a sync, and say what they did (`make soak`).

SOAK_SEQUENCES (2000) and SOAK_MINUTES (20) are both reached. DATABASE_URL chooses the database. Ends
with 1 at the first violation, with the shortest sequence that shows it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time

ORDER = (
    "sequences",
    "changes",
    "steps",
    "faults",
    "kills",
    "takeovers",
    "cancels",
    "decisions",
    "undos",
    "quiet points",
)


def main() -> int:
    begin = time.monotonic()
    with tempfile.NamedTemporaryFile() as report:
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:xdist", "tests/soak/long.py"]
        environment = os.environ | {"SOAK_REPORT": report.name}
        code = subprocess.run(
            [*command, "--show-capture=stdout"], env=environment, check=False
        ).returncode
        done = json.loads(report.read() or b"{}")
    for name in (*ORDER, *sorted(one for one in done if one.startswith("quiet by"))):
        print(f"{name:<14}{done.get(name, 0):>10,}")
    print(f"{'violations':<14}{int(code != 0):>10}")
    print(f"after {(time.monotonic() - begin) / 60:.1f} minutes")
    return code


if __name__ == "__main__":
    sys.exit(main())
