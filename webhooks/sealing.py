"""The secrets that sign, at rest: sealed with `PORTAL_VAULT_KEYS`, in the shape of `integrations.vault`."""

from __future__ import annotations

import json
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings


class Unreadable(Exception):
    """Another vault's, another account's, or damaged."""


def seal(secret: str, *, account_id: int) -> str:
    payload = json.dumps({"c": _context(account_id), "v": secret}).encode()
    return _fernet(tuple(settings.PORTAL_VAULT_KEYS)).encrypt(payload).decode()


def unseal(token: str, *, account_id: int) -> str:
    """Raises Unreadable."""
    try:
        payload = json.loads(_fernet(tuple(settings.PORTAL_VAULT_KEYS)).decrypt(token.encode()))
    except (InvalidToken, ValueError):
        raise Unreadable from None
    if payload.get("c") != _context(account_id):
        raise Unreadable
    return str(payload["v"])


def _context(account_id: int) -> str:
    return f"webhook:{account_id}"


@lru_cache(maxsize=4)
def _fernet(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys])
