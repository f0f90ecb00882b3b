"""The one `environ.Env`, and the refusal to start without what production needs."""

import os
import re

import environ
from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured

env = environ.Env()


SHORTEST_KEY, FEWEST_SIGNS = 50, 10


def required(*names: str) -> None:
    """Refuse to start, naming every missing setting at once rather than the first."""
    missing = [name for name in names if not os.environ.get(name)]
    if missing:
        raise ImproperlyConfigured(
            f"Missing settings: {', '.join(missing)}. See docs/operations.md, "
            "or set PORTAL_MODE=embedded to try the Portal on one machine."
        )


def verbatim(name: str) -> str:
    """The text as it is: django-environ takes one that begins with $ for another setting's name."""
    return os.environ[name]


def signing_key(name: str) -> str:
    value = verbatim(name)
    if len(value) < SHORTEST_KEY or len(set(value)) < FEWEST_SIGNS:
        raise ImproperlyConfigured(
            f"{name} is too weak: {SHORTEST_KEY} random characters or more. See .env.example."
        )
    return value


def sealing_keys(name: str) -> list[str]:
    keys: list[str] = env.list(name)
    try:
        list(map(Fernet, keys))
    except ValueError:
        raise ImproperlyConfigured(
            f"{name} has something that is no Fernet key. See .env.example."
        ) from None
    return keys


def one_of(name: str, *choices: str) -> str:
    """The first is the default."""
    value = env.str(name, default=choices[0])
    if value not in choices:
        raise ImproperlyConfigured(f"{name} is one of {', '.join(choices)}, not “{value}”.")
    return value


def rate(name: str, default: str) -> tuple[int, int]:
    """How many in how many seconds, from “600/m”."""
    value = env.str(name, default=default)
    match = re.fullmatch(r"([1-9]\d{0,8})/([smh])", value, re.ASCII)
    if not match:
        raise ImproperlyConfigured(f"{name} is a rate such as {default}, not “{value}”.")
    return int(match[1]), {"s": 1, "m": 60, "h": 3600}[match[2]]
