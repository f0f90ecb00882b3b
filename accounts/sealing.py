"""The secrets of second factors at rest, sealed with `PORTAL_VAULT_KEYS` (docs/decisions/0001)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import lru_cache

from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings

CONTEXT = "second-factor"
SEALED_NAMES = {"totp": "secret", "recovery_codes": "seed"}
BATCH = 500


class Unreadable(Exception):
    """No vault key opens it, or it was sealed for something else."""


def seal(text: str) -> str:
    payload = json.dumps({"c": CONTEXT, "v": text}).encode()
    return _fernet(tuple(settings.PORTAL_VAULT_KEYS)).encrypt(payload).decode()


def unseal(token: str) -> str:
    try:
        payload = json.loads(_fernet(tuple(settings.PORTAL_VAULT_KEYS)).decrypt(token.encode()))
    except (InvalidToken, ValueError):
        raise Unreadable from None
    if payload.get("c") != CONTEXT:
        raise Unreadable
    return payload["v"]


def sealed_factors() -> Iterator[Authenticator]:
    """Every factor with a secret of its own, a batch at a time; a passkey's secret is not here."""
    rows = Authenticator.objects.filter(type__in=SEALED_NAMES).order_by("pk")
    batch = list(rows[:BATCH])
    while batch:
        yield from batch
        batch = list(rows.filter(pk__gt=batch[-1].pk)[:BATCH])


def renew(factor: Authenticator) -> str:
    """Seal with the newest key: 'current', 'renewed', 'changed' meanwhile, or 'unreadable'."""
    name = SEALED_NAMES[factor.type]
    token = factor.data[name]
    if _is_current(token):
        return "current"
    try:
        renewed = _fernet(tuple(settings.PORTAL_VAULT_KEYS)).rotate(token.encode()).decode()
    except InvalidToken:
        return "unreadable"
    unchanged = Authenticator.objects.filter(pk=factor.pk, data=factor.data)
    is_written = unchanged.update(data={**factor.data, name: renewed})
    return "renewed" if is_written else "changed"


def _is_current(token: str) -> bool:
    try:
        Fernet(settings.PORTAL_VAULT_KEYS[0]).decrypt(token.encode())
    except InvalidToken:
        return False
    return True


@lru_cache(maxsize=4)
def _fernet(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys])
