"""Opens a connection's provider with its stored key: the one place that does."""

from __future__ import annotations

from integrations import budget, registry
from integrations.contract.errors import Credentials
from integrations.contract.provider import Session
from integrations.models import Connection
from integrations.services.keys import take_key


def connect_to(connection: Connection, purpose: str, seconds: float | None = None) -> Session:
    """Raises Credentials, also when the key can't be opened. Close what it returns."""
    if not connection.api_key_sealed:
        raise Credentials("no_key")
    return registry.get(connection.provider).connect(
        region=connection.region,
        api_key=take_key(connection),
        budget=budget.for_key(connection.api_key_fingerprint, purpose),
        seconds=seconds,
    )
