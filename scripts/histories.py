"""Play random histories of remediation against the rules, and say what they did (`make histories`).

HISTORIES (500) is how many; DATABASE_URL chooses the database. Ends with 1 at the first violation, with
the shortest history that shows it and a blob: HISTORY=<blob> plays that one again. HISTORIES_SHRINK=0
prints it as it came.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time

ORDER = (
    "histories",
    "steps",
    "actions",
    "bot marks",
    "faults",
    "lane steps",
    "calls",
    "lost answers",
    "budgets empty",
    "kills",
    "late workers",
    "bulk imports",
    "enrolments compared",
    "assignments compared",
    "mails compared",
)
DEFAULTS = {"HISTORIES": "500", "HISTORIES_SHRINK": "1", "HISTORY": ""}
PLAY = "tests/training/histories/long.py"


def main() -> int:
    begin = time.monotonic()
    with tempfile.NamedTemporaryFile() as report:
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:xdist", "--tb=short", PLAY]
        environment = DEFAULTS | os.environ | {"HISTORIES_REPORT": report.name}
        code = subprocess.run(
            [*command, "--show-capture=stdout"], env=environment, check=False
        ).returncode
        done = json.loads(report.read() or b"{}")
    for name in ORDER:
        print(f"{name:<22}{done.get(name, 0):>10,}")
    for name in sorted(one for one in done if one.startswith("ended ")):
        print(f"  {name:<34}{done[name]:>10,}")
    print(f"{'violations':<22}{int(code != 0):>10}")
    print(f"after {(time.monotonic() - begin) / 60:.1f} minutes")
    return code


if __name__ == "__main__":
    sys.exit(main())
