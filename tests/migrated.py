"""One migrated database of each kind, of which every test worker and every installation is a copy.

Migrations take about ten seconds, copies one at most. The template is kept from one run to the next, under
a name made from the migrations themselves, so that a changed migration makes a new one.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import psycopg

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "var" / "tests"
PREFIX = "portal_migrated_"
#: So many of each kind: branches with other migrations take turns.
KEPT = 4


def copy_sqlite(file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(sqlite_template(), file)


def copy_postgres(server: str, name: str) -> None:
    """`server` is a URL without the name of a database."""
    command(server, f'CREATE DATABASE "{name}" TEMPLATE "{postgres_template(server)}"')


def command(server: str, sql: str) -> list[tuple]:
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        done = connection.execute(sql)
        return done.fetchall() if done.description else []


@cache
def sqlite_template() -> Path:
    file = FOLDER / f"{fingerprint()}.sqlite3"
    with _alone():
        if not file.exists():
            with tempfile.TemporaryDirectory(dir=FOLDER) as var:
                _migrate({"PORTAL_VAR": var})
                # Until the rename nobody takes it for whole.
                (Path(var) / "portal.sqlite3").rename(file)
            found = sorted(FOLDER.glob("*.sqlite3"), key=lambda each: each.stat().st_mtime)
            for old in found[:-KEPT]:
                old.unlink()
    return file


@cache
def postgres_template(server: str) -> str:
    name = PREFIX + fingerprint()
    with _alone():
        # A newer database has a larger oid.
        there = f"SELECT datname FROM pg_database WHERE datname LIKE '{PREFIX}%' ORDER BY oid"
        found = [row[0] for row in command(server, there)]
        if name not in found:
            draft = f"{PREFIX}draft_{os.getpid()}"
            command(server, f'CREATE DATABASE "{draft}"')
            with tempfile.TemporaryDirectory() as var:
                _migrate({"PORTAL_VAR": var, "DATABASE_URL": f"{server}/{draft}"})
            command(server, f'ALTER DATABASE "{draft}" RENAME TO "{name}"')
            for old in found[: 1 - KEPT]:
                command(server, f'DROP DATABASE IF EXISTS "{old}"')
    return name


@cache
def fingerprint() -> str:
    """Of the migrations, what they import from the project, and the packages that bring more of them."""
    files = {ROOT / "requirements.txt", *ROOT.glob("*/migrations/*.py")}
    for file in tuple(files):
        for module in re.findall(r"^(?:from|import) ([a-z_.]+)", file.read_text(), re.MULTILINE):
            files.add(ROOT / f"{module.replace('.', '/')}.py")
    digest = hashlib.sha256()
    for file in sorted(each for each in files if each.is_file()):
        digest.update(f"{file.relative_to(ROOT)}\n".encode() + file.read_bytes())
    return digest.hexdigest()[:16]


def _migrate(extra: dict[str, str]) -> None:
    dropped = ("DATABASE_URL", "REDIS_URL", "CELERY_BROKER_URL", "EMAIL_URL")
    kept = {name: value for name, value in os.environ.items() if name not in dropped}
    chosen = {"DJANGO_SETTINGS_MODULE": "portal.settings", "PORTAL_MODE": "embedded", **extra}
    done = subprocess.run(
        [sys.executable, "manage.py", "migrate", "-v0"],
        cwd=ROOT,
        env=kept | chosen,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@contextmanager
def _alone() -> Iterator[None]:
    """Two workers of a run, or two runs, don't make the same template at once."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with Path(tempfile.gettempdir(), "portal-migrated.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
