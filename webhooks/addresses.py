"""Which addresses may be called: an Administrator writes them, so none within a private network."""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from urllib.parse import SplitResult, urlsplit

LONGEST = 500
HOST = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)(\.(?!-)[a-z0-9_-]{1,63}(?<!-))*")
NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
LOCAL_NAMES = ("localhost", "local", "internal", "intranet", "lan", "home.arpa", "onion")
UNICAST = IPv6Network("2000::/3")
#: What not every Python knows to be special; Teredo and 6to4 carry an IPv4 address within, which may be any.
SPECIAL = (
    IPv4Network("192.0.0.0/24"),
    IPv4Network("192.88.99.0/24"),
    IPv6Network("2001::/23"),
    IPv6Network("2002::/16"),
    IPv6Network("3fff::/20"),
)
DEFAULT_PORTS = {"https": 443, "http": 80}


class Refused(Exception):
    """The message is a code of `webhooks.wording.REFUSALS`."""


@dataclass(frozen=True, slots=True)
class Place:
    """`host` without brackets, `path` with the query."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def authority(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"


def place_of(address: str, *, is_private_allowed: bool = False) -> Place:
    """What can be told without asking the network. Raises Refused."""
    if len(address) > LONGEST or not address.isascii() or not address.isprintable():
        raise Refused("malformed")
    if set(address) & set(' \\"<>^`{|}'):
        raise Refused("malformed")
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        raise Refused("malformed") from None
    _refuse(parts, address, is_private_allowed)
    host = (parts.hostname or "").removesuffix(".")
    _check_host(host, is_private_allowed)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    if port == 0:
        raise Refused("malformed")
    return Place(parts.scheme, host, port or DEFAULT_PORTS[parts.scheme], path)


def _refuse(parts: SplitResult, address: str, is_private_allowed: bool) -> None:
    if parts.scheme not in (("https", "http") if is_private_allowed else ("https",)):
        raise Refused("not_https")
    if "@" in parts.netloc:
        raise Refused("user_info")
    if "#" in address:
        raise Refused("fragment")


def _check_host(host: str, is_private_allowed: bool) -> None:
    if ":" in host:
        literal = _literal(host)
    elif not HOST.fullmatch(host):
        raise Refused("malformed")
    elif NUMBER.fullmatch(host.rpartition(".")[2]):
        literal = _literal(host)
    else:
        literal = None
    if is_private_allowed:
        return
    if literal is None:
        is_forbidden = "." not in host or f".{host}".endswith(tuple(f".{n}" for n in LOCAL_NAMES))
    else:
        is_forbidden = is_private(literal)
    if is_forbidden:
        raise Refused("private")


def _literal(host: str) -> str:
    """Resolvers take 0177.1 and 2130706433 for IPv4; here it is written in full or not at all."""
    try:
        return str(ip_address(host))
    except ValueError:
        raise Refused("malformed") from None


def is_private(ip: str) -> bool:
    """Whether an IP address is anything but a single machine of the public internet."""
    try:
        found = ip_address(ip)
    except ValueError:
        return True
    if isinstance(found, IPv4Address):
        return not _is_public(found)
    return _is_private_v6(found)


def _is_private_v6(found: IPv6Address) -> bool:
    """IPv4 within IPv6, such as ::ffff:127.0.0.1 and 64:ff9b::7f00:1, lies outside of UNICAST."""
    return found not in UNICAST or bool(found.scope_id) or not _is_public(found)


def _is_public(found: IPv4Address | IPv6Address) -> bool:
    is_special = found.is_multicast or found.is_reserved or any(found in net for net in SPECIAL)
    return found.is_global and not is_special
