"""Row 7: a whole first sync against dlt, which loads the same people alone."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.bench.figures import Figure, Group
from tests.bench.ground import Rehearsal, portal
from tests.bench.people import PEOPLE, TEAMS, TEAMS_EACH, synced
from tests.processes.installation import ROOT, Installation

NAME = (
    f"first sync of {PEOPLE:,} people, with teams and log, against dlt (merge) of the people alone"
)
LIMIT = "≥ 2 × faster"
SCRIPT = ROOT / "tests" / "bench" / "dlt_script.py"


def measure(folder: Path) -> Iterator[Figure]:
    try:
        python = _installed(folder / "dlt")
    except subprocess.CalledProcessError as error:
        why = f"dlt could not be installed: {' '.join(error.stderr.strip().splitlines()[-1:])}"
        yield Figure("7", NAME, why, LIMIT, is_good=False)
        return
    with (
        Rehearsal(PEOPLE, TEAMS, teams_each=TEAMS_EACH) as rehearsal,
        portal(folder, rehearsal) as installation,
    ):
        theirs = _seconds(python, rehearsal, installation)
        (loaded,), *_ = installation.query("SELECT count(*) FROM loaded.people")
    ours = synced(folder).first
    yield Figure(
        "7",
        NAME,
        f"{theirs / ours:.1f} × faster",
        LIMIT,
        loaded == PEOPLE and theirs >= 2 * ours,
        f"{ours:.1f} s, {theirs:.1f} s for {loaded:,} rows (once)",
    )


def _installed(place: Path) -> Path:
    """In a virtualenv of its own: the Portal doesn't depend on it."""
    python = place / "bin" / "python"
    for words in (
        (sys.executable, "-m", "venv", str(place)),
        (str(python), "-m", "pip", "install", "-q", "dlt[postgres]"),
    ):
        subprocess.run(words, check=True, capture_output=True, text=True)
    return python


def _seconds(python: Path, rehearsal: Rehearsal, installation: Installation) -> float:
    told = {"API_KEY": rehearsal.api_key, "RUNTIME__DLTHUB_TELEMETRY": "false"}
    place = str(installation.folder / "dlt")
    done = subprocess.run(
        [str(python), str(SCRIPT), rehearsal.url, _with_password(installation.database), place],
        cwd=installation.folder,
        env={"PATH": os.environ["PATH"], "HOME": str(installation.folder), **told},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return float(done.stdout.split()[-1])


def _with_password(database: str) -> str:
    """dlt wants one, also where PostgreSQL does not ask for it."""
    user = database.partition("@")[0].partition("://")[2]
    return database if ":" in user else database.replace("@", ":none@", 1)


GROUP = Group(("7",), measure)
