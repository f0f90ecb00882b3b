"""The use cases of webhooks."""

from webhooks.services.delivering import deliver, due_deliveries, purge
from webhooks.services.emitting import emit, emit_each
from webhooks.services.endpoints import (
    IsOff,
    TooMany,
    change_endpoint,
    make_endpoint,
    remove_endpoint,
    renew_secret,
    send_again,
    send_test,
    switch_off,
    switch_on,
)

__all__ = [
    "IsOff",
    "TooMany",
    "change_endpoint",
    "deliver",
    "due_deliveries",
    "emit",
    "emit_each",
    "make_endpoint",
    "purge",
    "remove_endpoint",
    "renew_secret",
    "send_again",
    "send_test",
    "switch_off",
    "switch_on",
]
