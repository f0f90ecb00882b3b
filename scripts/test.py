"""Run the tests, and name what this machine had to leave out (`make test`, `make test-all`).

Where PostgreSQL and Redis answer, every test runs there, and those about code that differs on the embedded
set-up (tests/passes.py) run there, too. Elsewhere all run on the embedded set-up. With `--everything`, all
tests run on both, the thorough ones as well. Other options go to pytest.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from xml.etree import ElementTree

import psycopg
import redis

DATABASES = (
    "postgres://postgres@127.0.0.1:5432/postgres",
    "postgres://portal_test:portal_test@127.0.0.1:5432/postgres",
)
#: Ends in the number of a database: each parallel worker takes one of the next.
REDIS = "redis://127.0.0.1:6379/10"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
NO_TESTS_COLLECTED = 5
#: Twice as many as cores on a small machine: tests with browsers and processes wait for most of their time.
WORKERS = ("-n", "4")
CHOOSES_SERVICES = {"DATABASE_URL", "REDIS_URL", "CELERY_BROKER_URL", "EMAIL_URL", "PORTAL_VAR"}


@dataclass
class Report:
    lines: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    has_failed: bool = False


def main() -> int:
    report = Report()
    everything = "--everything" in sys.argv
    options = [word for word in sys.argv[1:] if word != "--everything"]
    database, redis_url, browser = find_database(), find_redis(), find_browser()
    services = {"DATABASE_URL": database, "REDIS_URL": redis_url, "CHROMIUM": browser}
    missing = [name for name, url in (("PostgreSQL", database), ("Redis", redis_url)) if not url]
    if not browser:
        report.left_out.append("browser tests: no Chromium")
        options += ["--ignore", "tests/browser"]
    if missing:
        report.left_out.append(f"all tests on PostgreSQL and Redis: no {' and no '.join(missing)}")
    else:
        run_pass(report, "services", marks("services", everything), options, services)
    which = "embedded alone" if missing else "embedded"
    run_pass(report, "embedded", marks(which, everything), options, {"CHROMIUM": browser})
    return conclude(report)


def marks(name: str, everything: bool = False) -> str:
    """What pytest's `-m` says for a pass."""
    if everything:
        return ""
    return {
        "services": "not thorough and not on_embedded",
        "embedded": "(differs or on_embedded) and not on_services and not thorough",
        "embedded alone": "not thorough",
    }[name]


def run_pass(
    report: Report, name: str, marks: str, options: list[str], extra: dict[str, str]
) -> None:
    print(f"\n=== Tests on the {name} set-up ===", flush=True)
    inherited = {key: value for key, value in os.environ.items() if key not in CHOOSES_SERVICES}
    command = [sys.executable, "-m", "pytest", "-q", *WORKERS, "-m", marks, *options]
    begin = time.monotonic()
    with tempfile.NamedTemporaryFile() as told:
        command.append(f"--junit-xml={told.name}")
        code = subprocess.run(command, env=inherited | extra, check=False).returncode
        report.left_out += [f"{name}: {case}" for case in skipped_tests(told.name)]
    is_good = code == 0 or (code == NO_TESTS_COLLECTED and bool(options))
    report.has_failed |= not is_good
    verdict = "passed" if is_good else "FAILED"
    report.lines.append(f"{name}: {verdict} in {time.monotonic() - begin:.0f} s")


def skipped_tests(told: str) -> list[str]:
    """Tests that decided by themselves not to run, each with its reason."""
    try:
        cases = ElementTree.parse(told).iter("testcase")  # noqa: S314 - pytest wrote it just now
    except ElementTree.ParseError:
        return []
    reasons = ((case.get("name"), case.find("skipped")) for case in cases)
    return [f"{name} ({why.get('message')})" for name, why in reasons if why is not None]


def find_database() -> str:
    named = os.environ.get("TEST_DATABASE_URL")
    for url in [named] if named else DATABASES:
        try:
            psycopg.connect(url, connect_timeout=3).close()
        except psycopg.Error:
            continue
        return url
    return ""


def find_redis() -> str:
    url = os.environ.get("TEST_REDIS_URL", REDIS)
    try:
        redis.Redis.from_url(url, socket_connect_timeout=3).ping()
    except redis.RedisError:
        return ""
    return url


def find_browser() -> str:
    names = [os.environ["CHROMIUM"]] if os.environ.get("CHROMIUM") else BROWSERS
    return next(filter(None, map(shutil.which, names)), "")


def conclude(report: Report) -> int:
    is_left_out_an_error = os.environ.get("REQUIRE_ALL", "") not in ("", "0")
    print("\n=== Summary ===")
    for line in report.lines:
        print(f"  {line}")
    for line in report.left_out:
        print(f"  left out: {line}")
    if report.left_out:
        advice = "REQUIRE_ALL is set, so that is an error." if is_left_out_an_error else ""
        print(f"  `make services` installs missing services. {advice}")
    return int(report.has_failed or (is_left_out_an_error and bool(report.left_out)))


if __name__ == "__main__":
    sys.exit(main())
