"""Text as Litmos sends it."""

from __future__ import annotations

import html

from targets.cleaning import clean_text

__all__ = ["clean_text", "unescaped"]

#: Written into values by a faulty client of Litmos; it stands for nothing.
POLLUTION = "System.Xml.XmlElement"


def unescaped(value: str) -> str:
    """Some values come with HTML entities, as they were typed in at Litmos."""
    text = html.unescape(value) if "&" in value else value
    return "" if text.strip() == POLLUTION else text
