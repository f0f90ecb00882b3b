"""GoPhish's events, as its webhook and the CSV of its Events tell them. What somebody typed into a form is
in an event's details, which are read nowhere."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from training.models import ActionKind
from training.services.rows import BadRow, read_row
from training.services.taking import NewAction

#: The messages that say what somebody did.
MESSAGES = {
    "Email Sent": ActionKind.SENT,
    "Email Opened": ActionKind.OPENED,
    "Clicked Link": ActionKind.CLICKED,
    "Submitted Data": ActionKind.SUBMITTED,
    "Email Reported": ActionKind.REPORTED,
}


def is_of(event: Mapping[str, object], number: int | None) -> bool:
    """Whether GoPhish's campaign of that number sent it; None: whichever did."""
    return number in (None, event.get("campaign_id"))


def read_event(event: Mapping[str, object], *, now: datetime) -> NewAction | None:
    """None for what is no action, such as that the campaign was created. Raises BadRow."""
    message = event.get("message")
    if not isinstance(message, str):
        raise BadRow("message", "“message” is not a text.")
    kind = MESSAGES.get(message)
    if kind is None:
        return None
    row = {"email": event.get("email"), "kind": kind.value, "happened_at": event.get("time")}
    return read_row(row, now=now)
