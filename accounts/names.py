"""What a name may hold. Pure Python."""

from __future__ import annotations

import unicodedata

#: Control characters, and those of no width: joiners, marks of direction.
UNSEEN = {"Cc", "Cf"}


def visible(name: str) -> str:
    """Without what can't be seen, so that no name looks like another or turns the text around it."""
    kept = "".join(letter for letter in name if unicodedata.category(letter) not in UNSEEN)
    return " ".join(kept.split())
