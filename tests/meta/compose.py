"""What docker-compose.yml may not do. Each rule says what is wrong in such a file, beginning with the
service's name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

Compose = dict[str, Any]

LOOPBACK = ("127.0.0.1", "::1")
DATA = ("db", "redis")
#: May take what memory there is, with the settings of who runs it.
UNBOUNDED = ("db",)
SHARED_WITH_THE_HOST = ("network_mode", "pid", "ipc", "uts", "userns_mode", "cgroup")
OF_THE_HOST = ("privileged", "cap_add", "devices", "device_cgroup_rules", "volumes_from")
OWNERS_PASSWORD = "POSTGRES_PASSWORD"
SECRET_NAME = re.compile(r"[A-Z_]*(PASSWORD|SECRET|TOKEN|AUTH|KEY|KEYS|_URL)")
REFERENCE = re.compile(r"\$\{[A-Z_]+(:\?[^}]*)?\}")
#: A password in an address, and those of Redis: `--requirepass word`, `--user name on >word`.
WRITTEN_OUT = re.compile(r"://[^\s/:@]*:[^\s/@$]+@|requirepass\s+[^\s$]|on\s+\"?>[^$]")


#: `$$`, `$NAME`, `${NAME}` and `${NAME:-else}`, where `-` may be any of `-?+`, with or without the colon.
INSERTED = re.compile(r"\$(?:(\$)|([A-Z_]+)|\{([A-Z_]+)(?::?([-?+])([^}]*))?\})")


def settings_of(text: str) -> dict[str, str]:
    """What a file of settings says, read line by line: a value may name one further up."""
    settings: dict[str, str] = {}
    for line in text.splitlines():
        if match := re.fullmatch(r"([A-Z_]+)=(.*)", line):
            settings[match[1]] = inserted(match[2].strip("\"'"), settings)
    return settings


def inserted(text: str, settings: dict[str, str]) -> str:
    def value(match: re.Match[str]) -> str:
        escaped, plain, braced, sign, other = match.groups()
        given = settings.get(plain or braced, "")
        if sign == "+":
            return (other or "") if given else ""
        return escaped or given or (other if sign == "-" else "")

    return INSERTED.sub(value, text)


def environment_of(service: dict[str, Any], settings: dict[str, str]) -> dict[str, str]:
    """The service's environment as compose renders it beside a `.env` with these settings: what `env_file`
    brings, then what is written here. A name without a value takes that of `.env`, if it has one."""
    told = dict(settings) if service.get("env_file") else {}
    written = service.get("environment") or {}
    if isinstance(written, list):
        written = {name: value if sign else None for name, sign, value in _split(written)}
    for name, value in written.items():
        if value is not None:
            told[name] = inserted(str(value), settings)
        elif name in settings:
            told[name] = settings[name]
    return told


def _split(written: list[str]) -> Iterator[tuple[str, str, str]]:
    for line in written:
        yield line.partition("=")


def ours(compose: Compose) -> list[str]:
    return [name for name, service in compose["services"].items() if "build" in service]


def waits(compose: Compose) -> Iterator[tuple[str, str, str]]:
    """(who waits, for whom, for what)"""
    for name, service in compose["services"].items():
        others = service.get("depends_on", {})
        for other in others:
            condition = (
                others[other]["condition"] if isinstance(others, dict) else "service_started"
            )
            yield name, other, condition


def ends_by_itself(compose: Compose) -> set[str]:
    return {other for _, other, what in waits(compose) if what == "service_completed_successfully"}


def gains_privileges(compose: Compose) -> Iterator[str]:
    for name, service in compose["services"].items():
        yield from (f"{name}: {key}" for key in OF_THE_HOST if service.get(key))
        for key in SHARED_WITH_THE_HOST:
            if str(service.get(key, "")).startswith(("host", "container:", "service:")):
                yield f"{name}: {key} {service[key]}"
        for option in service.get("security_opt", []):
            if not str(option).startswith("no-new-privileges"):
                yield f"{name}: {option}"
        if str(service.get("user", "")).partition(":")[0] in ("root", "0"):
            yield f"{name}: user {service['user']}"


def mounts_the_host(compose: Compose) -> Iterator[str]:
    """Only the project's own files, to be read, and named volumes."""
    for name, service in compose["services"].items():
        for volume in service.get("volumes", []):
            if isinstance(volume, dict):
                source, may_write = str(volume.get("source", "")), not volume.get("read_only")
            else:
                source, may_write = volume.partition(":")[0], not volume.endswith(":ro")
            is_own = source.startswith("./") and ".." not in source and not may_write
            if not is_own and source not in (compose.get("volumes") or {}):
                yield f"{name}: mounts {source}"


def may_change_itself(compose: Compose) -> Iterator[str]:
    for name in ours(compose):
        service = compose["services"][name]
        if service.get("read_only") is not True:
            yield f"{name}: its files can be written"
        if "ALL" not in service.get("cap_drop", []):
            yield f"{name}: keeps capabilities"
        if "no-new-privileges:true" not in service.get("security_opt", []):
            yield f"{name}: may gain privileges"


def stays_away(compose: Compose) -> Iterator[str]:
    """Who does not come back, except a part that others wait for until it has ended."""
    once = ends_by_itself(compose)
    for name, service in compose["services"].items():
        wanted = ("no",) if name in once else ("always", "unless-stopped")
        if service.get("restart", "no") not in wanted:
            yield f"{name}: restart {service.get('restart')}"


def waits_in_vain(compose: Compose) -> Iterator[str]:
    """Or not long enough: a part that was only started is not ready."""
    for name, other, what in waits(compose):
        check = compose["services"].get(other, {}).get("healthcheck", {})
        is_checked = bool(check.get("test")) and not check.get("disable")
        if not (is_checked if what == "service_healthy" else other in ends_by_itself(compose)):
            yield f"{name}: waits for {other} {what}"


def is_reached_from_outside(compose: Compose) -> Iterator[str]:
    networks = compose.get("networks") or {}
    for name, service in compose["services"].items():
        for port in service.get("ports", []):
            address = (
                port.get("host_ip") if isinstance(port, dict) else str(port).rpartition(":")[0]
            )
            if name in DATA or not str(address).replace("[", "").startswith(LOOPBACK):
                yield f"{name}: port {port}"
        for network in service.get("networks", ["default"]):
            is_internal = bool((networks.get(network) or {}).get("internal"))
            if name not in ours(compose) and is_internal != (name in DATA):
                yield f"{name}: in {network}"


def is_written_out(compose: Compose) -> Iterator[str]:
    """Secrets come from the environment, which has none by default."""
    for name, service in compose["services"].items():
        for key, value in _values(service):
            is_secret = SECRET_NAME.fullmatch(key) and not REFERENCE.fullmatch(value)
            if is_secret or WRITTEN_OUT.search(value):
                yield f"{name}: {key}"


def _values(node: Any, key: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(node, dict):
        for name, value in node.items():
            yield from _values(value, name)
    elif isinstance(node, list):
        for value in node:
            yield from _values(value, key)
    elif node is None:
        return
    elif re.match(r"[A-Z_]+=", str(node)):
        name, _, value = str(node).partition("=")
        yield name, value
    else:
        yield key, str(node)


def fills_the_disk(compose: Compose) -> Iterator[str]:
    """Docker keeps what goes to standard output for ever unless told how much."""
    for name, service in compose["services"].items():
        logging = service.get("logging", {})
        size = str(logging.get("options", {}).get("max-size", ""))
        if logging.get("driver", "json-file") == "json-file" and not _is_size(size):
            yield f"{name}: a log without an end"


def takes_all_memory(compose: Compose) -> Iterator[str]:
    for name in compose["services"].keys() - ends_by_itself(compose) - {*UNBOUNDED}:
        service = compose["services"][name]
        limits = service.get("deploy", {}).get("resources", {}).get("limits", {})
        if not _is_size(str(service.get("mem_limit") or limits.get("memory", ""))):
            yield f"{name}: memory without a limit"


def _is_size(text: str) -> bool:
    return bool(re.fullmatch(r"[1-9]\d*[kmg]b?", text.lower()))


def drops_messages(compose: Compose) -> Iterator[str]:
    command = compose["services"]["redis"]["command"]
    told = command if isinstance(command, str) else " ".join(command)
    if re.findall(r"--maxmemory-policy\s+(\S+)", told) != ["noeviction"]:
        yield "redis: makes room"


def is_the_owner(compose: Compose) -> Iterator[str]:
    """Who is told the owner's password, except the migration and the database."""
    settings = {
        OWNERS_PASSWORD: "of-the-owner",
        "MIGRATE_DATABASE_URL": f"postgres://portal:${{{OWNERS_PASSWORD}}}@db/portal",
    }
    settings = {name: inserted(value, settings) for name, value in settings.items()}
    for name, service in compose["services"].items():
        command = inserted(str(service.get("command")), settings)
        told = [command, *environment_of(service, settings).values()]
        knows = any(settings[OWNERS_PASSWORD] in one for one in told)
        if knows != (name in ("migrate", "db")):
            yield f"{name}: {'the owner' if knows else 'not the owner'}"


def is_told_everything(compose: Compose) -> Iterator[str]:
    """By a file of settings, which has those of all others, too."""
    for name, service in compose["services"].items():
        if service.get("env_file"):
            yield f"{name}: env_file {service['env_file']}"


RULES = (
    gains_privileges,
    mounts_the_host,
    may_change_itself,
    stays_away,
    waits_in_vain,
    is_reached_from_outside,
    is_written_out,
    fills_the_disk,
    takes_all_memory,
    drops_messages,
    is_the_owner,
    is_told_everything,
)
