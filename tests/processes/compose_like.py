"""Parts with the rights that docker-compose.yml gives them."""

import re
import shlex
import shutil
import subprocess
from pathlib import Path

import redis

from tests.meta.test_containers import COMPOSE
from tests.processes.installation import ROOT, Installation

PASSWORD = "of-this-test-alone"  # noqa: S105
ROLES = ROOT / "scripts" / "database" / "roles.sql"


def make_role(installation: Installation) -> str:
    """The database as web, worker and beat reach it, by a role of the installation's own name."""
    role = installation.database.rpartition("/")[2]
    sql = ROLES.read_text().replace("portal_app", role)
    words = ("-v", "ON_ERROR_STOP=1", "-v", f"password={PASSWORD}")
    subprocess.run(["psql", "-q", *words, installation.database], input=sql, text=True, check=True)
    return f"postgres://{role}:{PASSWORD}@{installation.database.partition('@')[2]}"


def drop_role(installation: Installation) -> None:
    role = installation.database.rpartition("/")[2]
    installation.execute(f'DROP OWNED BY "{role}"')
    installation.execute(f'DROP ROLE "{role}"')


class OwnRedis:
    """As docker-compose.yml starts it."""

    def __init__(self, folder: Path, port: int) -> None:
        program = shutil.which("redis-server")
        assert program, "no redis-server"
        told = COMPOSE["services"]["redis"]["command"]
        words = shlex.split(re.sub(r"\$\{REDIS_PASSWORD[^}]*\}", "secret", told))[1:]
        self.words = [program, *words, "--port", str(port), "--bind", "127.0.0.1"]
        self.folder, self.url = folder, f"redis://:secret@127.0.0.1:{port}/0"
        self.start()

    def start(self) -> None:
        self.process = subprocess.Popen(self.words, cwd=self.folder, stdout=subprocess.DEVNULL)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def answers(self) -> bool:
        try:
            return bool(redis.from_url(self.url).ping())
        except redis.ConnectionError:
            return False
