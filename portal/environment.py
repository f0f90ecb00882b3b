"""The one `environ.Env`, and the refusal to start without what production needs."""

import os

import environ
from django.core.exceptions import ImproperlyConfigured

env = environ.Env()


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


def one_of(name: str, *choices: str) -> str:
    """The first is the default."""
    value = env.str(name, default=choices[0])
    if value not in choices:
        raise ImproperlyConfigured(f"{name} is one of {', '.join(choices)}, not “{value}”.")
    return value
