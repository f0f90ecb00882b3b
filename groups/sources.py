"""How the key of a provider reads. Pure Python."""

from __future__ import annotations

BY_HAND = "Made by hand"


def source_label(source: str) -> str:
    return source.replace("_", " ").title() if source else BY_HAND
