"""Cultures (.NET's names of languages) as BCP 47 tags."""

from __future__ import annotations

import re
from functools import lru_cache

#: Names that .NET had before it took over BCP 47.
LEGACY = {"zh-chs": "zh-Hans", "zh-cht": "zh-Hant", "iw": "he", "iw-il": "he-IL"}
LONGEST = 35
TAG = re.compile(
    r"(?P<language>[a-z]{2,3})"
    r"(?:-(?P<script>[a-z]{4}))?"
    r"(?:-(?P<region>[a-z]{2}|\d{3}))?"
    r"(?P<variants>(?:-(?:[a-z0-9]{5,8}|\d[a-z0-9]{3}))*)"
)
#: .NET once wrote the script after the country: sr-SP-Latn.
SCRIPT_LAST = re.compile(r"([a-z]{2,3})-([a-z]{2})-(latn|cyrl)")


@lru_cache(maxsize=1024)
def language_tag(culture: str) -> str:
    """The tag in its usual case (`zh-Hans-CN`), '' when the culture can't be read."""
    if len(culture) > LONGEST or not culture.isascii():
        return ""
    lower = culture.lower().replace("_", "-")
    if lower in LEGACY:
        return LEGACY[lower]
    match = TAG.fullmatch(SCRIPT_LAST.sub(r"\1-\3-\2", lower))
    return _written(match) if match else ""


def _written(match: re.Match[str]) -> str:
    parts = [match["language"], (match["script"] or "").title(), (match["region"] or "").upper()]
    return "-".join(filter(None, parts)) + match["variants"]
