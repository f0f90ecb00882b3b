"""E-mail addresses by the rules of `targets.emails`, a hundred thousand at a time."""

from __future__ import annotations

import re
from functools import lru_cache

from email_validator.rfc_constants import CASE_INSENSITIVE_MAILBOX_NAMES

from targets.emails import normalise

#: Local parts that every rule lets through as they are, so only the domain has to be looked at.
PLAIN = re.compile(r"[A-Za-z0-9]+(?:[._+-][A-Za-z0-9]+)*")
LONGEST_PLAIN = 200
REWRITTEN = frozenset(CASE_INSENSITIVE_MAILBOX_NAMES)
ANYBODY = "x@"


def normalised(raw: str) -> str:
    """`targets.emails.normalise`, which a company's domain goes through only once."""
    local, at, domain = raw.partition("@")
    if not (at and raw.isascii()) or len(raw) > LONGEST_PLAIN:
        return normalise(raw)
    if PLAIN.fullmatch(local) is None or local.lower() in REWRITTEN:
        return normalise(raw)
    known = _domain(domain)
    return f"{local}@{known}" if known else ""


@lru_cache(maxsize=4096)
def _domain(domain: str) -> str:
    return normalise(ANYBODY + domain).removeprefix(ANYBODY)
