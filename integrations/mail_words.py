"""Words of an account's own for a system e-mail: plain text with fields such as [[integration]], which are
filled in once and are no templates."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

LONGEST_SUBJECT, LONGEST_TEXT = 200, 5000
FIELD = re.compile(r"\[\[([^\[\]]{0,60})\]\]")
LINK = "link"
#: Field → what stands for it, for whoever writes the words.
FIELDS: dict[str, str] = {
    "headline": "What happened, in one line",
    "account": "The name of the account",
    "integration": "The integration, such as Litmos",
    "outcome": "How it ended, such as Synced with warnings",
    "started_by": "Who or what started it",
    "group": "The one group that was synced, or “all groups”",
    "started": "When it started, by the account's clocks",
    "ended": "When it ended",
    "details": "What went wrong and what to do about it; several lines, often none",
    "counts": "How many of what; several lines",
    LINK: "The address of the page that tells more; the text must have it",
}
OF_SEVERAL_LINES = ("details", "counts")
IN_A_SUBJECT = [name for name in FIELDS if name not in (*OF_SEVERAL_LINES, LINK)]
STANDARD_SUBJECT = "[[headline]]"
STANDARD_TEXT = """\
[[details]]

Account: [[account]]
Result: [[outcome]]
Started by: [[started_by]]
Started: [[started]]
Ended: [[ended]]

[[counts]]

More in the Portal: [[link]]"""


def fields_in(words: str) -> list[str]:
    return [name.strip() for name in FIELD.findall(words)]


def problems_of(words: str, allowed: Collection[str]) -> list[str]:
    """What is wrong with the fields in these words, in sentences."""
    wrong = dict.fromkeys(name for name in fields_in(words) if name not in allowed)
    found = [_wrong(name) for name in wrong]
    rest = FIELD.sub("", words)
    if "[[" in rest or "]]" in rest:
        found.append("A field begins with [[ and ends with ]], and one of them is missing.")
    return found


def _wrong(name: str) -> str:
    if name in FIELDS:
        return f"[[{name}]] can't stand here: a subject is one short line."
    return f"[[{name}]] is no field. Use one of those listed."


def filled(words: str, values: Mapping[str, str]) -> str:
    """Values are put in once: a field in a value stays as it is."""
    return FIELD.sub(lambda match: values.get(match[1].strip(), match[0]), words)


def filled_text(words: str, values: Mapping[str, str]) -> str:
    """Without the gaps that empty values leave."""
    lines = [line.rstrip() for line in filled(words, values).splitlines()]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def paragraphs(text: str, link: str) -> list[list[list[str]]]:
    """Paragraphs of lines of the pieces between which the link stands."""
    return [
        [line.split(link) for line in paragraph.splitlines()] for paragraph in text.split("\n\n")
    ]
