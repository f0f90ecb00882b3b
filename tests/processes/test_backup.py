"""Backed up, dropped, restored: the log continues, and nothing is done twice."""

import os
import shutil
import subprocess
from pathlib import Path

import psycopg
import pytest

APPLIED = "SELECT count(*) FROM integrations_change WHERE outcome = 'APPLIED'"
pytestmark = [pytest.mark.processes, pytest.mark.timeout(240)]


def _tool(name: str) -> str:
    found = shutil.which(name)
    packaged = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    assert found or packaged, f"no {name}"
    return found or str(packaged[-1])


def _on_server(installation, *statements: str) -> None:
    server = installation.database.rpartition("/")[0]
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement)


@pytest.mark.services
def test_a_restored_database_goes_on_where_it_was(installation, tmp_path):
    installation.worker()
    installation.sync()
    first = installation.wait_for_the_end()
    before = installation.state()
    runs = installation.query("SELECT max(id) FROM integrations_syncrun")
    lines = installation.query(APPLIED)
    dump, name = tmp_path / "portal.dump", installation.database.rpartition("/")[2]

    url = installation.database
    subprocess.run([_tool("pg_dump"), "--format", "custom", "--file", str(dump), url], check=True)
    for process in installation.processes:
        installation.kill(process)
    _on_server(installation, f'DROP DATABASE "{name}" WITH (FORCE)', f'CREATE DATABASE "{name}"')
    subprocess.run(
        [_tool("pg_restore"), "--no-owner", "--dbname", url, str(dump)],
        check=True,
        env=os.environ,
    )

    assert installation.state() == before
    installation.worker()
    installation.sync()
    second = installation.wait_for_the_end()
    assert (first["status"], second["status"]) == ("SYNCED", "SYNCED")
    assert installation.state() == before
    assert installation.query("SELECT max(id) FROM integrations_syncrun")[0][0] > runs[0][0]
    assert installation.query(APPLIED) == lines
    assert "PERSON.CREATE.APPLIED" not in second["counts"]


def test_a_copy_of_an_embedded_one_goes_on_too(installation, tmp_path):
    if not installation.is_embedded:
        return
    installation.worker()
    installation.sync()
    installation.wait_for_the_end()
    before = installation.state()
    database, copy = installation.folder / "var" / "portal.sqlite3", tmp_path / "copy.sqlite3"

    installation.execute(f"VACUUM INTO '{copy}'")
    for process in installation.processes:
        installation.kill(process)
    for file in database.parent.glob("portal.sqlite3*"):
        file.unlink()
    shutil.copy(copy, database)

    assert installation.state() == before
    installation.worker()
    installation.sync()
    assert installation.wait_for_the_end()["status"] == "SYNCED"
    assert installation.state() == before
