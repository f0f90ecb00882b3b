"""API keys at rest: sealed with `PORTAL_VAULT_KEYS`, opened only by an explicit call.

The sealed text carries the context it was made for, so a row copied to another account does not open.
"""

from __future__ import annotations

import json
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.utils.crypto import salted_hmac

from integrations.contract.errors import Fatal
from integrations.contract.secret import Secret


class KeyUnreadable(Fatal):
    def __init__(self) -> None:
        super().__init__("key_unreadable")


def seal(plaintext: str, *, context: str) -> str:
    payload = json.dumps({"c": context, "v": plaintext}).encode()
    return _fernet(tuple(settings.PORTAL_VAULT_KEYS)).encrypt(payload).decode()


def unseal(token: str, *, context: str) -> Secret:
    """Raises KeyUnreadable for another vault's token, another row's, or a damaged one."""
    try:
        payload = json.loads(_fernet(tuple(settings.PORTAL_VAULT_KEYS)).decrypt(token.encode()))
    except (InvalidToken, ValueError):
        raise KeyUnreadable from None
    if payload.get("c") != context:
        raise KeyUnreadable
    return Secret(payload["v"])


def rotate(token: str) -> str:
    """The same secret under the newest vault key. Raises KeyUnreadable."""
    try:
        return _fernet(tuple(settings.PORTAL_VAULT_KEYS)).rotate(token.encode()).decode()
    except InvalidToken:
        raise KeyUnreadable from None


def is_current(token: str) -> bool:
    """Whether the newest vault key alone opens it."""
    try:
        Fernet(settings.PORTAL_VAULT_KEYS[0]).decrypt(token.encode())
    except InvalidToken:
        return False
    return True


def fingerprint(plaintext: str) -> str:
    """Tells two keys apart, or the same key in two places, without telling the key."""
    return salted_hmac("integrations.vault", plaintext, algorithm="sha256").hexdigest()


@lru_cache(maxsize=4)
def _fernet(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys])
