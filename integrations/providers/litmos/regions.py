"""Where Litmos can be asked: its own three addresses, and those that the operator adds."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from django.utils.text import slugify

from integrations.contract.provider import Region

BUILT_IN = (
    Region("us", "United States", "https://api.litmos.com/v1.svc"),
    Region("eu", "European Union", "https://api.litmoseu.com/v1.svc"),
    Region("au", "Australia", "https://api.litmos.com.au/v1.svc"),
)
LONGEST_NAME = 60
LOOPBACK = ("127.0.0.1", "localhost", "::1")
#: A name, never a number: the last label of an address in figures has no letter at its beginning.
HOST = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?")
PATH = re.compile(r"(?:/[A-Za-z0-9._~-]+)*/?")
ALLOWED = re.compile(r"https?://[A-Za-z0-9.:\[\]-]+[A-Za-z0-9._~/-]*")


class BadRegion(ValueError):
    pass


def parse_regions(text: str) -> tuple[Region, ...]:
    """`Name=https://host/v1.svc,…`; plain http for this machine alone. Raises BadRegion."""
    found: list[Region] = []
    taken = {region.key for region in BUILT_IN} | {region.label.lower() for region in BUILT_IN}
    for entry in filter(None, map(str.strip, text.split(","))):
        region = _region(entry)
        if {region.key, region.label.lower()} & taken:
            raise BadRegion(f"LITMOS_EXTRA_REGIONS: there are two regions called “{region.label}”.")
        taken |= {region.key, region.label.lower()}
        found.append(region)
    return tuple(found)


def is_on_this_machine(region: Region) -> bool:
    return urlsplit(region.base_url).hostname in LOOPBACK


def _region(entry: str) -> Region:
    name, _, address = (part.strip() for part in entry.partition("="))
    key = slugify(name)
    if not key or len(name) > LONGEST_NAME or not name.isprintable():
        raise BadRegion(f"LITMOS_EXTRA_REGIONS: “{entry}” has no usable name before the =.")
    problem = _problem(address)
    if problem:
        raise BadRegion(f"LITMOS_EXTRA_REGIONS: the address of “{name}” {problem}.")
    return Region(key, name, address.rstrip("/"))


def _problem(address: str) -> str:
    if not ALLOWED.fullmatch(address):
        return "must be http(s)://host/path, without user, query or fragment"
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
        is_port_odd = parts.port == 0
    except ValueError:
        return "can't be read"
    if is_port_odd or ".." in parts.path or not PATH.fullmatch(parts.path):
        return "can't be read"
    if host in LOOPBACK:
        return ""
    if not HOST.fullmatch(host):
        return "must have the name of a host, not a number"
    return "" if parts.scheme == "https" else "must begin with https://"
