"""The form of one system e-mail: on or off, to whom, in which words."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from integrations.mail_words import (
    FIELDS,
    IN_A_SUBJECT,
    LINK,
    LONGEST_SUBJECT,
    LONGEST_TEXT,
    STANDARD_SUBJECT,
    STANDARD_TEXT,
    fields_in,
    problems_of,
)
from integrations.models import MailSetting
from targets.emails import normalise

MOST_RECIPIENTS = 20
LONGEST_LIST = 6000
NO_LINK = "Put [[link]] where the way to the Portal belongs: without it nobody can look closer."


class MailForm(forms.Form):
    is_on = forms.BooleanField(label="Send this e-mail", required=False)
    recipients = forms.CharField(
        label="Recipients beside the Account Manager Email",
        required=False,
        max_length=LONGEST_LIST,
        widget=forms.Textarea({"rows": 3, "autocomplete": "off", "spellcheck": "false"}),
        help_text=f"Up to {MOST_RECIPIENTS} addresses, one a line or with commas between them. "
        "Each gets a mail of their own and does not see the others.",
    )
    subject = forms.CharField(max_length=LONGEST_SUBJECT)
    text = forms.CharField(
        max_length=LONGEST_TEXT,
        widget=forms.Textarea({"rows": 14, "class": "font-monospace"}),
        help_text="Plain text with fields. The HTML part of the e-mail is made from it.",
    )

    def __init__(self, *args: Any, setting: MailSetting) -> None:
        initial = {
            "is_on": setting.is_on,
            "recipients": "\n".join(setting.recipients),
            "subject": setting.subject or STANDARD_SUBJECT,
            "text": setting.text or STANDARD_TEXT,
        }
        super().__init__(*args, initial=initial)

    def clean_recipients(self) -> list[str]:
        typed = [one.strip() for one in re.split(r"[,;\r\n]", self.cleaned_data["recipients"])]
        found: dict[str, str] = {}
        for one in filter(None, typed):
            address = normalise(one)
            found.setdefault(_sendable(address, one).casefold(), address)
        if len(found) > MOST_RECIPIENTS:
            raise ValidationError(
                f"These are {len(found)} addresses. At most {MOST_RECIPIENTS} can be listed: "
                "use a distribution list of yours for more."
            )
        return list(found.values())

    def clean_subject(self) -> str:
        subject: str = self.cleaned_data["subject"]
        if not subject.isprintable():
            raise ValidationError("The subject must be one line, without control characters.")
        return _with_known_fields(subject, IN_A_SUBJECT)

    def clean_text(self) -> str:
        text = "\n".join(self.cleaned_data["text"].splitlines())
        _with_known_fields(text, list(FIELDS))
        if LINK not in fields_in(text):
            raise ValidationError(NO_LINK)
        return text


def _sendable(address: str, typed: str) -> str:
    """Fit for a mail server as well, which takes no address that needs more than ASCII before the @."""
    try:
        validate_email(address)
    except ValidationError:
        raise ValidationError(f"“{typed[:100]}” is not an e-mail address.") from None
    return address


def _with_known_fields(words: str, allowed: list[str]) -> str:
    if problems := problems_of(words, allowed):
        raise ValidationError(problems)
    return words
