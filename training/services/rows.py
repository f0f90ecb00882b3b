"""One action as it comes in, whichever way. What is wrong with it is told by the row's own words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from training.models import ActionKind
from training.services.taking import NewAction

LONGEST_TEXT, LONGEST_EMAIL = 1000, 255
QUOTED = 60
#: As it stands in an e-mail: Ann Lee <ann@acme.example>.
NAMED = re.compile(r"[^<>]*<([^<>]+)>")
AHEAD = timedelta(days=1)
#: Nobody phished by e-mail before; and a time zone could shift the first days of all out of the calendar.
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
#: What each field is called in a message.
WORDS = {"email": "e-mail address", "kind": "action", "happened_at": "time", "id": "id"}
KINDS = {
    **{kind.label.casefold(): kind for kind in ActionKind},
    **{kind.value.casefold(): kind for kind in ActionKind},
    "clicked link": ActionKind.CLICKED,
    "email opened": ActionKind.OPENED,
    "email sent": ActionKind.SENT,
    "email reported": ActionKind.REPORTED,
}
ALL_KINDS = ", ".join(kind.label for kind in ActionKind)


class BadRow(ValueError):
    """The message says what is wrong with `field`."""

    def __init__(self, field: str, told: str) -> None:
        super().__init__(told)
        self.field = field


def read_row(row: Mapping[str, object], *, now: datetime) -> NewAction:
    """`row` has email, kind and happened_at, and where wanted is_bot (a bool) and id. A time without a
    zone is one of UTC. Raises BadRow."""
    return NewAction(
        email=_email(_text(row, "email")),
        kind=_kind(_text(row, "kind")),
        is_bot=_is_bot(row.get("is_bot")),
        happened_at=_moment(_text(row, "happened_at"), now + AHEAD),
        key=_text(row, "id") if row.get("id") is not None else "",
    )


def _text(row: Mapping[str, object], field: str) -> str:
    value = row.get(field)
    if value is None:
        raise BadRow(field, f"The {WORDS[field]} is missing.")
    if not isinstance(value, str):
        raise BadRow(field, f"The {WORDS[field]} is not a text.")
    text = value.strip()
    if len(text) > LONGEST_TEXT or not text.isprintable():
        raise BadRow(field, f"The {WORDS[field]} is too long or holds signs that can't be read.")
    return text


def _email(text: str) -> str:
    named = NAMED.fullmatch(text)
    email = named[1].strip() if named else text
    if not 0 < len(email) <= LONGEST_EMAIL or "@" not in email:
        raise BadRow("email", f"“{text[:QUOTED]}” is not an e-mail address.")
    return email


def _kind(text: str) -> ActionKind:
    kind = KINDS.get(text.casefold().replace("_", " "))
    if kind is None:
        raise BadRow("kind", f"“{text[:QUOTED]}” is no action. Known are {ALL_KINDS}.")
    return kind


def _is_bot(value: object) -> bool:
    if value is not None and not isinstance(value, bool):
        raise BadRow("is_bot", "Whether it is a bot's is neither true nor false.")
    return bool(value)


def _moment(text: str, latest: datetime) -> datetime:
    try:
        found = datetime.fromisoformat(text)
        found = (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        told = f"“{text[:QUOTED]}” is no time, such as 2026-11-24T09:30:00Z."
        raise BadRow("happened_at", told) from None
    if found > latest:
        raise BadRow("happened_at", f"“{text[:QUOTED]}” lies in the future.")
    if found < EARLIEST:
        raise BadRow("happened_at", f"“{text[:QUOTED]}” lies too far back.")
    return found
