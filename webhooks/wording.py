"""Codes of webhooks in words."""

from __future__ import annotations

LABELS = {
    "run.finished": "Sync finished",
    "run.held": "Changes held",
    "run.failed": "Sync failed",
    "run.cancelled": "Sync cancelled",
    "enrollment.completed": "Course completed",
    "webhook.test": "Test",
}
REFUSALS = {
    "malformed": "This is no address. Write one such as https://hooks.example.com/portal.",
    "not_https": "The address has to begin with https://, so that nobody reads along.",
    "user_info": "Leave out the name and password before the @: the signature tells who sends.",
    "fragment": "Leave out the # and what follows: it would not be sent.",
    "private": "This address is not on the public internet, where alone the Portal sends webhooks.",
}
ERRORS = {
    "malformed": "The address can't be understood. Change it.",
    "not_https": "The address is not https. Change it.",
    "private": "The name leads to an address that is not on the public internet. Nothing was sent.",
    "unresolved": "The name of the host could not be found.",
    "tls": "The certificate of the receiver was not accepted.",
    "timeout": "The receiver did not answer in time.",
    "unreachable": "The receiver could not be reached, or hung up.",
    "bad_answer": "What was answered is not HTTP.",
    "secret_unreadable": "The secret can't be opened with the Portal's vault keys. Make a new one.",
    "worker_lost": "The Portal was stopped while it sent. The receiver may have got it.",
}


def outcome(status: int | None, error: str) -> str:
    """What became of an attempt; '' before the first."""
    if error:
        return ERRORS.get(error, "It could not be sent.")
    return "" if status is None else f"Answered {status}"
