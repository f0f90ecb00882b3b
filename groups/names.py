"""When two group names are the same. Pure Python."""

from __future__ import annotations

import unicodedata


def name_key(name: str) -> str:
    """Blanks around, case and Unicode form don't tell two names apart."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name.strip()).casefold())
