"""The providers of the Store: a new vendor adds one line."""

from __future__ import annotations

from functools import cache
from importlib import import_module

from integrations.contract.provider import Provider

PROVIDERS: dict[str, str] = {
    "litmos": "integrations.providers.litmos.provider.Litmos",
}


class UnknownProvider(KeyError):
    pass


@cache
def get(key: str) -> Provider:
    """Raises UnknownProvider."""
    if key not in PROVIDERS:
        raise UnknownProvider(key)
    module, _, name = PROVIDERS[key].rpartition(".")
    provider: Provider = getattr(import_module(module), name)()
    return provider


def all_providers() -> list[Provider]:
    return [get(key) for key in PROVIDERS]
