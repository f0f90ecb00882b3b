"""With the rights that the compose set-up gives: a role that changes no table, a Redis that is no admin's."""

import subprocess
import sys

import psycopg
import pytest
import redis

from tests.processes.installation import ROOT

pytestmark = [pytest.mark.processes, pytest.mark.services, pytest.mark.timeout(240)]


def test_row_35_least_rights_are_enough_for_a_sync(installation, as_application, own_redis):
    installation.worker()
    installation.beat()
    installation.sync()
    ended = installation.wait_for_the_end()
    assert (ended["status"], ended["error_code"]) == ("SYNCED", "")
    assert "only table or database owner" not in installation.logs()

    with psycopg.connect(as_application, autocommit=True) as connection:
        connection.execute("SELECT portal_analyze('targets_target', '{email_key}')")
        analyzed = "SELECT attname FROM pg_stats WHERE tablename = 'targets_target'"
        assert ("email_key",) in installation.query(analyzed)
        for statement in (
            "CREATE TABLE own (id int)",
            "ALTER TABLE targets_target ADD COLUMN own int",
            "DROP TABLE targets_target",
            "TRUNCATE targets_target",
            "SELECT portal_analyze('accounts_user', '{id}')",
        ):
            with pytest.raises(
                (psycopg.errors.InsufficientPrivilege, psycopg.errors.RaiseException)
            ):
                connection.execute(statement)
    with pytest.raises(redis.exceptions.NoPermissionError):
        redis.from_url(own_redis.url).config_get("*")
    with pytest.raises(redis.exceptions.AuthenticationError):
        redis.from_url(own_redis.url.replace(":secret@", "")).ping()

    assert [health(installation, part) for part in ("beat", "worker")] == [0, 0]


def health(installation, part) -> int:
    """What the container engine asks."""
    words = [sys.executable, "-I", "-S", "portal/healthcheck.py", part]
    return subprocess.run(words, cwd=ROOT, env=installation.environment, check=False).returncode
