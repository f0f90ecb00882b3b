"""With the rights that the compose set-up gives: a role that changes no table, a Redis that is no admin's."""

import re
import shlex
import shutil
import socket
import subprocess
import sys
from contextlib import closing

import psycopg
import pytest
import redis

from tests.meta.test_containers import COMPOSE
from tests.processes.installation import ROOT

pytestmark = [pytest.mark.processes, pytest.mark.services, pytest.mark.timeout(240)]
PASSWORD = "of this test alone"  # noqa: S105
ROLES = ROOT / "scripts" / "database" / "roles.sql"


@pytest.fixture
def as_application(installation):
    """The database as web, worker and beat reach it, by a role of the test's own name."""
    role = installation.database.rpartition("/")[2]
    sql = ROLES.read_text().replace("portal_app", role)
    words = ("-v", "ON_ERROR_STOP=1", "-v", f"password={PASSWORD}")
    done = subprocess.run(
        ["psql", *words, installation.database],
        input=sql,
        text=True,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    host = installation.database.partition("@")[2]
    yield f"postgres://{role}:{PASSWORD.replace(' ', '%20')}@{host}"
    for process in installation.processes:
        installation.kill(process)
    installation.execute(f'DROP OWNED BY "{role}"; DROP ROLE "{role}"')


@pytest.fixture
def own_redis(tmp_path):
    """As docker-compose.yml starts it."""
    program = shutil.which("redis-server")
    assert program, "no redis-server"
    with closing(socket.socket()) as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    line = re.sub(r"\$\{REDIS_PASSWORD[^}]*\}", "secret", COMPOSE["services"]["redis"]["command"])
    words = [program, *shlex.split(line)[1:], "--port", str(port), "--bind", "127.0.0.1"]
    server = subprocess.Popen(words, cwd=tmp_path, stdout=subprocess.DEVNULL)
    yield f"redis://:secret@127.0.0.1:{port}/0"
    server.terminate()
    server.wait()


def answers(url: str) -> bool:
    try:
        return bool(redis.from_url(url).ping())
    except redis.ConnectionError:
        return False


def test_row_35_least_rights_are_enough_for_a_sync(installation, as_application, own_redis):
    owner = dict(installation.environment)
    installation.environment |= {"DATABASE_URL": as_application, "REDIS_URL": own_redis}
    installation.wait_until(lambda: answers(own_redis), "Redis", 20)
    installation.worker()
    beat = installation.beat()
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
        redis.from_url(own_redis).config_get("*")
    with pytest.raises(redis.exceptions.AuthenticationError):
        redis.from_url(own_redis.replace(":secret@", "")).ping()

    assert health(installation) == 0
    installation.kill(beat)
    installation.environment = owner


def health(installation) -> int:
    """What the container engine asks of beat."""
    words = [sys.executable, "-m", "portal.healthcheck", "beat"]
    return subprocess.run(words, cwd=ROOT, env=installation.environment, check=False).returncode
