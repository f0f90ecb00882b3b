"""The one place that moves a key between what was typed, a probe and a connection."""

from __future__ import annotations

from integrations import vault
from integrations.contract.secret import Secret
from integrations.models.connection import SealedKey


def put_key(row: SealedKey, plaintext: str) -> None:
    """Seal the key into the row (unsaved), with what may be shown of it."""
    row.api_key_sealed = vault.seal(plaintext, context=row.vault_context)
    row.api_key_last4 = plaintext[-4:] if len(plaintext) >= 8 else ""
    row.api_key_fingerprint = vault.fingerprint(plaintext)


def take_key(row: SealedKey) -> Secret:
    """Raises vault.KeyUnreadable."""
    return vault.unseal(row.api_key_sealed, context=row.vault_context)


def move_key(source: SealedKey, destination: SealedKey) -> None:
    put_key(destination, take_key(source).reveal())
