"""When two addresses to log in with are the same one. Pure Python."""

from __future__ import annotations


def address_key(email: str) -> str:
    """The address as it is kept and compared: case never tells two apart, everything else does. No letter
    becomes one that it only looks like, as ſ would an s, the Kelvin sign a k and ß two letters."""
    return "".join(map(_lower, email))


def _lower(letter: str) -> str:
    lower = letter.lower()
    is_lookalike = lower[0].isascii() and not letter.isascii()
    return letter if is_lookalike else lower
