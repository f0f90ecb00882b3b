"""Where the demo lives: its ports, its folder, its settings."""

from __future__ import annotations

import fcntl
import shutil
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO

LITMOS_PORT_DISTANCE = 77
LARGEST_PORT = 65535 - LITMOS_PORT_DISTANCE
ROOT = Path(__file__).resolve().parents[2]
DATABASE = "portal.sqlite3"
MARK = "this-is-a-demo"
KEPT = {"secret_key", "vault_keys", MARK}
OURS = (
    "PORTAL_",
    "CELERY_",
    "LITMOS_",
    "EMAIL_",
    "SECRET_KEY",
    "DATABASE_URL",
    "REDIS_URL",
    "ALLOWED_HOSTS",
    "STATIC_ROOT",
    "TRUSTED_PROXY_COUNT",
    "DEFAULT_FROM_EMAIL",
    "DJANGO_SETTINGS_MODULE",
)


class Refused(Exception):
    """The demo can't start here; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Place:
    port: int
    folder: Path

    @property
    def litmos_port(self) -> int:
        return self.port + LITMOS_PORT_DISTANCE

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def logs(self) -> Path:
        return self.folder / "logs"

    def environment(self, inherited: Mapping[str, str]) -> dict[str, str]:
        """The demo's own settings, whatever the shell it was started from has set."""
        others = {name: value for name, value in inherited.items() if not name.startswith(OURS)}
        return others | {
            "PORTAL_MODE": "embedded",
            "PORTAL_VAR": str(self.folder),
            "PORTAL_URL": self.address,
            "PORTAL_COMPLETION_SECONDS": "30",
            "LITMOS_EXTRA_REGIONS": f"Rehearsal=http://127.0.0.1:{self.litmos_port}/v1.svc",
        }


def choose_port(typed: str) -> int:
    if not typed.isdecimal() or not 1 <= int(typed) <= LARGEST_PORT:
        raise Refused(f"PORT must be a number from 1 to {LARGEST_PORT}, not “{typed}”.")
    return int(typed)


def refuse_ports_in_use(place: Place) -> None:
    taken = [str(port) for port in (place.port, place.litmos_port) if not _is_free(port)]
    if taken:
        raise Refused(
            f"In use already: port {' and port '.join(taken)}. "
            f"Choose others: make demo PORT={place.port + 100}"
        )


def _is_free(port: int) -> bool:
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def occupy(place: Place) -> IO[str]:
    """Lock the folder while the returned file is open, so that no second demo empties it."""
    place.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = (place.folder.parent / f"{place.folder.name}.lock").open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        raise Refused(f"Another demo is running in {place.folder}.") from None
    return lock


def start_anew(folder: Path) -> bool:
    """Remove what an earlier demo left; says whether there was anything. The keys stay."""
    left = [path for path in folder.iterdir() if path.name not in KEPT]
    has_database = (folder / DATABASE).exists()
    if has_database and not (folder / MARK).exists():
        raise Refused(f"{folder} holds a Portal that is no demo. Unset PORTAL_VAR.")
    (folder / MARK).touch()
    for path in left:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()
    return has_database


def choose_place(environment: Mapping[str, str]) -> Place:
    var = environment.get("PORTAL_VAR") or str(ROOT / "var" / "demo")
    return Place(choose_port(environment.get("PORT") or "8000"), Path(var).resolve())
