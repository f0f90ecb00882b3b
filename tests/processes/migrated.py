"""One migrated database for each process of a test run, of which every installation is a copy."""

from __future__ import annotations

import atexit
import secrets
import tempfile
from pathlib import Path

import psycopg

_FOLDER = tempfile.TemporaryDirectory(prefix="portal-migrated-")
FILE = Path(_FOLDER.name) / "portal.sqlite3"
_KEPT: list[str] = []


def is_kept() -> bool:
    return bool(_KEPT)


def create(server: str, name: str) -> None:
    template = _KEPT[0] if _KEPT else "template1"
    _command(server, f'CREATE DATABASE "{name}" TEMPLATE "{template}"')


def keep(database: str) -> None:
    """The database must be migrated, and nobody may be connected to it."""
    server, name = database.rsplit("/", 1)
    kept = f"portal_migrated_{secrets.token_hex(6)}"
    _command(server, f'CREATE DATABASE "{kept}" TEMPLATE "{name}"')
    _KEPT.append(kept)
    atexit.register(drop, server, kept)


def drop(server: str, name: str) -> None:
    _command(server, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def _command(server: str, sql: str) -> None:
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        connection.execute(sql)
