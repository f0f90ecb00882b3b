"""What makes an address valid, and two addresses the same. Pure Python."""

from __future__ import annotations

from email_validator import EmailNotValidError, validate_email

LONGEST = 255


def normalise(raw: str) -> str:
    """The address as it is kept, or '' when it is not one. Nothing is looked up in DNS."""
    if len(raw) > LONGEST:
        return ""
    try:
        return validate_email(raw, check_deliverability=False).normalized
    except EmailNotValidError:
        return ""


def email_key(email: str) -> str:
    """What is compared: case never tells two addresses apart."""
    return email.casefold()
