"""The embedded default: one machine, SQLite and a broker made of files."""

import os
import tempfile
import time
from pathlib import Path
from uuid import uuid4

from cryptography.fernet import Fernet
from django.core.management.utils import get_random_secret_key
from kombu.transport import TRANSPORT_ALIASES, filesystem
from kombu.utils.encoding import str_to_bytes
from kombu.utils.json import dumps

TRANSPORT = "filesystem"


def fill_environment(var: Path) -> None:
    """Set what the operator left out; keys are made once and kept in files only their owner reads."""
    var.mkdir(mode=0o700, parents=True, exist_ok=True)
    made = {
        "SECRET_KEY": lambda: _kept(var / "secret_key", get_random_secret_key),
        "PORTAL_VAULT_KEYS": lambda: _kept(
            var / "vault_keys", lambda: Fernet.generate_key().decode()
        ),
        "DATABASE_URL": lambda: f"sqlite:///{var / 'portal.sqlite3'}",
        "EMAIL_URL": lambda: "filemail://",
        "PORTAL_URL": lambda: "http://127.0.0.1:8000",
        "ALLOWED_HOSTS": lambda: "127.0.0.1,localhost",
        "CELERY_BROKER_URL": lambda: os.environ.get("REDIS_URL") or f"{TRANSPORT}://",
    }
    for name, make in made.items():
        if not os.environ.get(name):
            os.environ[name] = make()


def _kept(path: Path, make) -> str:
    """Read the file, or create it atomically so that two starting processes agree on one key."""
    if not path.exists():
        descriptor, name = tempfile.mkstemp(dir=path.parent)
        with os.fdopen(descriptor, "w") as file:
            file.write(make())
        try:
            os.link(name, path)
        except FileExistsError:
            pass
        finally:
            Path(name).unlink()
    return path.read_text().strip()


def broker_folders(var: Path) -> dict[str, str | bool]:
    folders = {name: var / "broker" / name for name in ("messages", "control")}
    for folder in folders.values():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return {
        "data_folder_in": str(folders["messages"]),
        "data_folder_out": str(folders["messages"]),
        "control_folder": str(folders["control"]),
    }


class AtomicChannel(filesystem.Channel):
    """Kombu writes a message in place, so a reader may meet an empty file and die; ours appears whole."""

    def _put(self, queue, payload, **kwargs):
        name = f"{time.time_ns()}_{uuid4()}.{queue}.msg"
        folder = Path(self.data_folder_out)
        draft = folder / f".{name}.draft"
        draft.write_bytes(str_to_bytes(dumps(payload)))
        draft.rename(folder / name)


class AtomicTransport(filesystem.Transport):
    Channel = AtomicChannel


def register_broker() -> None:
    TRANSPORT_ALIASES[TRANSPORT] = f"{__name__}:AtomicTransport"
