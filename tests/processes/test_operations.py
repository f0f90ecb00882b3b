"""The commands of docs/operations.md that set the database up, save it and bring it back, as they stand
there, with an owner who is no superuser."""

import os
import re
import secrets
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import psycopg
import pytest

from tests.meta.files import ROOT
from tests.meta.test_settings import PRODUCTION

PAGE = (ROOT / "docs/operations.md").read_text()
pytestmark = [pytest.mark.processes, pytest.mark.services, pytest.mark.timeout(240)]
PASSWORD = "of-this-test-alone"  # noqa: S105
SUDO = '#!/bin/sh\nshift 2\nexec "$@"\n'


def commands(section: str) -> list[str]:
    (text,) = re.findall(rf"^## {section}\n(.*?)^## ", PAGE, re.MULTILINE | re.DOTALL)
    blocks = re.findall(r"^```\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    return [line for block in blocks for line in block.splitlines()]


class Server:
    """Where the commands are run, with names of its own for the roles and the database."""

    def __init__(self, folder: Path) -> None:
        self.server = urlsplit(os.environ["DATABASE_URL"])
        self.name, self.folder = f"portal{uuid4().hex[:12]}", folder
        self.places = {
            ". ./.env": f". {folder}/.env",
            "scripts/database/roles.sql": f"{folder}/roles.sql",
            ".venv/bin/": f"{Path(sys.executable).parent}/",
            "portal.dump": f"{folder}/portal.dump",
        }
        (folder / "sudo").write_text(SUDO)
        (folder / "sudo").chmod(0o700)
        self._write_settings()
        roles = (ROOT / "scripts/database/roles.sql").read_text()
        (folder / "roles.sql").write_text(roles.replace("portal_app", f"{self.name}_app"))

    def _write_settings(self) -> None:
        example = (ROOT / ".env.example").read_text()
        for name in ("SECRET_KEY", "POSTGRES_PASSWORD", "APP_PASSWORD", "REDIS_PASSWORD"):
            value = PASSWORD if name == "POSTGRES_PASSWORD" else secrets.token_hex(40)
            example = example.replace(f"\n{name}=\n", f"\n{name}={value}\n")
        keys = f"\nPORTAL_VAULT_KEYS={PRODUCTION['PORTAL_VAULT_KEYS']}\n"
        example = example.replace("\nPORTAL_VAULT_KEYS=\n", keys)
        place = f"@{self.server.hostname}:{self.server.port}/{self.name}"
        example = example.replace("@db:5432/portal", place).replace("//portal_app:", "//APP:")
        example = example.replace("//portal:", f"//{self.name}:")
        (self.folder / ".env").write_text(example.replace("//APP:", f"//{self.name}_app:"))

    def run(self, *lines: str) -> None:
        """In one shell that ends with the first that fails."""
        subprocess.run(
            ["sh", "-euc", "\n".join(map(self._own, lines))],
            cwd=ROOT,
            input=f"{PASSWORD}\n{PASSWORD}\n",
            text=True,
            check=True,
            start_new_session=True,
            env={
                "PATH": f"{self.folder}:{os.environ['PATH']}",
                "PORTAL_VAR": str(self.folder / "var"),
                "PGHOST": str(self.server.hostname),
                "PGPORT": str(self.server.port),
                "PGUSER": str(self.server.username),
            },
        )

    def _own(self, line: str) -> str:
        if line.startswith("sudo"):
            return re.sub(r"\bportal\b", self.name, line)
        for written, own in self.places.items():
            line = line.replace(written, own)
        return line

    def ask(self, statement: str, *, role: str) -> list[tuple]:
        place = f"{self.server.hostname}:{self.server.port}/{self.name}"
        settings = (self.folder / ".env").read_text()
        name = "POSTGRES_PASSWORD" if role == self.name else "APP_PASSWORD"
        (password,) = re.findall(rf"^{name}=(.+)$", settings, re.MULTILINE)
        with psycopg.connect(f"postgres://{role}:{password}@{place}", autocommit=True) as database:
            found = database.execute(statement)
            return found.fetchall() if found.description else []

    def drop(self) -> None:
        url = self.server._replace(path="/postgres").geturl()
        with psycopg.connect(url, autocommit=True) as database:
            database.execute(f'DROP DATABASE IF EXISTS "{self.name}" WITH (FORCE)')
            for role in (f"{self.name}_app", self.name):
                database.execute(f'DROP ROLE IF EXISTS "{role}"')


@pytest.fixture
def server(tmp_path):
    made = Server(tmp_path)
    yield made
    made.drop()


def test_a_database_is_made_saved_and_brought_back(server):
    by_hand = [line for line in commands("By hand") if not re.search("pip|venv |static", line)]
    first = next(n for n, line in enumerate(by_hand) if "gunicorn" in line)
    server.run(*by_hand[:first])
    accounts = "SELECT name FROM accounts_account"
    application = f"{server.name}_app"
    assert server.ask(accounts, role=application) == [("Acme",)]
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        server.ask("DROP TABLE accounts_account", role=application)

    enter = next(line for line in by_hand if ". ./.env" in line)
    save, bring_back = [line for line in commands("Backups") if line.startswith("pg_")]
    server.run(enter, save)
    server.ask("UPDATE accounts_account SET name = 'Other'", role=application)
    server.run(enter, bring_back)
    assert server.ask(accounts, role=application) == [("Acme",)]
    owner = f"SELECT rolsuper FROM pg_roles WHERE rolname = '{server.name}'"
    assert server.ask(owner, role=application) == [(False,)]
