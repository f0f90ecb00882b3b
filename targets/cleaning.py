"""Text from outside, made fit for every database and page. Pure Python."""

from __future__ import annotations

import re
import unicodedata

#: Control characters, lone surrogates, and what turns the direction of text around. Controls that are
#: white space (tab, line ends, U+001C to U+001F, U+0085) become a blank instead.
UNWANTED = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069]"
)


def clean_text(value: str, longest: int) -> tuple[str, bool]:
    """Fit to store, on one line, at most `longest` characters; and whether it was cut for that.

    Cleaning a second time changes nothing.
    """
    text = value
    if not (text.isascii() and text.isprintable()):
        text = unicodedata.normalize("NFC", UNWANTED.sub("", text))
    text = " ".join(text.split())
    if len(text) <= longest:
        return text, False
    return text[:longest].rstrip(), True
