"""Put faults into the code, one at a time, and see whether the tests notice.

`python scripts/mutations.py [name ...]` tries all of them, or those named, each in a copy of its own: first
the tests that ought to notice, with `--whole` all of `make test` where those did not. What came of it is
kept in `var/mutations.json`, and `--write` makes docs/mutations.md of that. Ends with 1 unless each of them
was caught.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass, replace
from functools import cache
from hashlib import sha256
from pathlib import Path

import psycopg
from test import CHOOSES_SERVICES, find_browser, find_database, find_redis
from test import marks as marks_of_pass

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests.mutations import MUTATIONS  # noqa: E402
from tests.mutations.mutation import Mutation  # noqa: E402

KEPT = ROOT / "var" / "mutations.json"
PAGE = ROOT / "docs" / "mutations.md"
CAUGHT, SURVIVED, ERROR, LEFT_OUT = "CAUGHT", "SURVIVED", "ERROR", "LEFT OUT"
PASSED, FAILED, NOTHING_SELECTED = 0, 1, 5
#: Of the tests, after test_: those that others run meanwhile have another one.
DATABASE = "mutations"
OTHER = {"embedded": "services", "services": "embedded"}
LONGEST_SECONDS = 1800
SHOWN_LINES = 30
LOUD = ("in django_db_setup", "in _migrate")
#: Its own list would not fit the changed code.
APART = "tests/meta/test_mutations.py"
FIRST_FAILED = re.compile(r"^(?:FAILED|ERROR) (\S+?\.py::[\w:]+)", re.MULTILINE)
INTRODUCTION = """\
# Mutations

Each row is a fault that was put into a copy of the code, and the first test that failed because of it.
`python scripts/mutations.py --write` tries them all and writes this page; names of faults after it try
those alone, and `--whole` goes on with all of `make test` where the nearest tests notice nothing.

| area | what was broken | file | caught by | set-up |
| --- | --- | --- | --- | --- |
"""


@dataclass(frozen=True, slots=True)
class Result:
    """`by` is the test that failed, `told` the end of the output where something went wrong. `mark` tells
    whether the fault is still the one that was tried."""

    state: str
    by: str = ""
    told: str = ""
    mark: str = ""


def main() -> int:
    asked = arguments()
    known = {one.name: one for one in MUTATIONS}
    unknown = sorted(set(asked.names) - known.keys())
    if unknown:
        sys.exit(f"There is no mutation called {', '.join(unknown)}.")
    chosen = [known[name] for name in asked.names] or list(MUTATIONS)
    found = try_all(chosen, is_whole=asked.whole)
    if asked.write:
        PAGE.write_text(page_of(kept()), encoding="utf-8")
    states = [result.state for result in found]
    print("\n" + ", ".join(f"{states.count(state)} {state}" for state in sorted(set(states))))
    return int(set(states) != {CAUGHT})


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("names", nargs="*", metavar="name")
    parser.add_argument("--whole", action="store_true", help="try make test on what survives")
    parser.add_argument("--write", action="store_true", help="write docs/mutations.md")
    return parser.parse_args()


def try_all(chosen: list[Mutation], *, is_whole: bool) -> list[Result]:
    found: list[Result] = []
    with tempfile.TemporaryDirectory(prefix="mutations-") as folder:
        sound = Path(folder) / "sound"
        copy_project(sound)
        make_templates(sound)
        for mutation in chosen:
            begin = time.monotonic()
            result = try_one(mutation, sound, is_whole=is_whole)
            keep(mutation, result)
            found.append(result)
            seconds = time.monotonic() - begin
            print(
                f"{result.state:9} {mutation.name:44} {result.by} ({seconds:.0f} s)\n{result.told}",
                end="",
                flush=True,
            )
    return found


def copy_project(folder: Path) -> None:
    """What git tracks or would track, as it is now; a repository, since some tests ask git for the files."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout.decode()
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    for arguments in (["init", "--quiet"], ["add", "--all"]):
        subprocess.run(["git", *arguments], cwd=folder, check=True, capture_output=True)


def make_templates(folder: Path) -> None:
    """Of the databases, so that only a fault of a migration makes another one (tests/migrated.py)."""
    _browser, database, redis_url = services()
    ask(folder, "sqlite_template()")
    if database and redis_url:
        ask(folder, f"postgres_template({server_of(database)!r})")


def forget_template(folder: Path) -> None:
    _browser, database, redis_url = services()
    if database and redis_url:
        name = ask(folder, "PREFIX + fingerprint()")
        with psycopg.connect(database, autocommit=True) as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{name}"')


def ask(folder: Path, question: str) -> str:
    words = [sys.executable, "-c", f"from tests.migrated import *; print({question})"]
    done = subprocess.run(words, cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def try_one(mutation: Mutation, sound: Path, *, is_whole: bool) -> Result:
    if is_missing_services(mutation):
        return Result(LEFT_OUT, told="PostgreSQL, Redis, or Chromium is not there.\n")
    with tempfile.TemporaryDirectory(prefix="mutation-") as folder:
        broken = Path(folder) / "broken"
        shutil.copytree(sound, broken, ignore=shutil.ignore_patterns("__pycache__"))
        try:
            mutate(mutation, broken)
        except ValueError as error:
            return Result(ERROR, told=f"{error}\n")
        result = judge(*pytest(mutation.tests, mutation.setup, broken))
        if result.state == SURVIVED and is_whole:
            result = run_everything(broken)
        if "/migrations/" in mutation.file:
            forget_template(broken)
    if result.state == CAUGHT and not is_sound(result.by, mutation.setup, sound):
        return Result(ERROR, told=f"{result.by} fails without the fault, too.\n")
    return result


def is_missing_services(mutation: Mutation) -> bool:
    browser, database, redis_url = services()
    wants_browser = any(test.startswith("tests/browser") for test in mutation.tests)
    lacks_services = mutation.setup == "services" and not (database and redis_url)
    return lacks_services or (wants_browser and not browser)


def environment_of(setup: str) -> dict[str, str]:
    kept = {key: value for key, value in os.environ.items() if key not in CHOOSES_SERVICES}
    browser, database, redis_url = services()
    chosen = {"DATABASE_URL": own(database), "REDIS_URL": redis_url} if setup == "services" else {}
    return kept | {"CHROMIUM": browser} | chosen


def own(database: str) -> str:
    return f"{server_of(database)}/{DATABASE}"


def server_of(database: str) -> str:
    return database.rpartition("/")[0]


@cache
def services() -> tuple[str, str, str]:
    return find_browser(), find_database(), find_redis()


def marks(setup: str) -> str:
    """The tests that `make test` runs in this pass."""
    return marks_of_pass(setup)


def mutate(mutation: Mutation, folder: Path) -> None:
    path = folder / mutation.file
    text = path.read_text(encoding="utf-8")
    times = text.count(mutation.old)
    if times != 1:
        raise ValueError(f"{mutation.old!r} is {times} times in {mutation.file}, not once.")
    path.write_text(text.replace(mutation.old, mutation.new), encoding="utf-8")


def pytest(tests: tuple[str, ...], setup: str, folder: Path) -> tuple[int, str]:
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-n", "0", "-p", "no:cacheprovider"]
    command += ["--tb=short", "-m", marks(setup), *tests]
    return run(command, folder, environment_of(setup))


def run_everything(folder: Path) -> Result:
    """The tests choose the services themselves."""
    command = [sys.executable, "scripts/test.py", "-x", f"--ignore={APART}"]
    return judge(*run(command, folder, dict(os.environ)))


def run(command: list[str], folder: Path, environment: dict[str, str]) -> tuple[int, str]:
    """The exit code, and what was printed. What tests leave behind goes with the copy."""
    leftovers = folder.parent / "tmp"
    leftovers.mkdir(exist_ok=True)
    try:
        ended = subprocess.run(
            command,
            cwd=folder,
            env=environment | {"TMPDIR": str(leftovers)},
            check=False,
            text=True,
            errors="replace",
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=LONGEST_SECONDS,
        )
    except subprocess.TimeoutExpired:
        return -1, f"It took longer than {LONGEST_SECONDS} s.\n"
    return ended.returncode, ended.stdout


def judge(code: int, told: str) -> Result:
    """A test that failed has caught it. What can't be imported, or makes no database, is no quiet fault."""
    if code == PASSED:
        return Result(SURVIVED)
    first = FIRST_FAILED.search(told)
    if code == FAILED and first and not any(word in told for word in LOUD):
        return Result(CAUGHT, by=first[1])
    return Result(ERROR, told=f"pytest ended with {code}:\n{end_of(told)}")


@cache
def is_sound(test: str, setup: str, sound: Path) -> bool:
    """Whether the test passes without the fault, in whichever pass it belongs to."""
    code, _told = pytest((test,), setup, sound)
    if code == NOTHING_SELECTED:
        code, _told = pytest((test,), OTHER[setup], sound)
    return code == PASSED


def end_of(text: str) -> str:
    return "\n".join(text.splitlines()[-SHOWN_LINES:]) + "\n"


def kept() -> dict[str, Result]:
    """What came of those that are still the same as when they were tried."""
    stored = json.loads(KEPT.read_text(encoding="utf-8")) if KEPT.exists() else {}
    found = {name: Result(**values) for name, values in stored.items()}
    known = {one.name: mark_of(one) for one in MUTATIONS}
    return {name: one for name, one in found.items() if known.get(name) == one.mark}


def keep(mutation: Mutation, result: Result) -> None:
    found = kept() | {mutation.name: replace(result, mark=mark_of(mutation))}
    KEPT.parent.mkdir(exist_ok=True)
    stored = {name: asdict(one) for name, one in found.items()}
    KEPT.write_text(json.dumps(stored, indent=1), encoding="utf-8")


def mark_of(mutation: Mutation) -> str:
    return sha256(json.dumps(asdict(mutation)).encode()).hexdigest()[:16]


def page_of(found: dict[str, Result]) -> str:
    lines = [line_of(one, found.get(one.name)) for one in MUTATIONS]
    return INTRODUCTION + "\n".join(lines) + "\n"


def line_of(mutation: Mutation, result: Result | None) -> str:
    by = "not tried"
    if result is not None:
        by = f"`{result.by}`" if result.by else f"**{result.state.lower()}**"
    cells = (mutation.area, mutation.what, f"`{mutation.file}`", by, mutation.setup)
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    sys.exit(main())
