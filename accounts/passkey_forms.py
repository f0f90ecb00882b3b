"""allauth's forms for passkeys, which also refuse what no browser sends."""

from __future__ import annotations

import struct
from typing import Any

from allauth.mfa.adapter import get_adapter
from allauth.mfa.webauthn.forms import (
    AddWebAuthnForm,
    AuthenticateWebAuthnForm,
    LoginWebAuthnForm,
    ReauthenticateWebAuthnForm,
)
from cryptography.exceptions import InvalidSignature

#: What reading a made-up credential raises, beside the ValidationError that it should.
NONSENSE = (
    AttributeError,
    IndexError,
    InvalidSignature,
    KeyError,
    TypeError,
    UnicodeError,
    ValueError,
    struct.error,
)


class NewPasskeyForm(AddWebAuthnForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].help_text = "Tells it from your others, such as Laptop or Blue key."
        self.fields["name"].max_length = 100
        field = self.fields["passwordless"]
        field.label, field.initial = "Log in with it alone, without the password", True
        field.help_text = "The device then asks for your fingerprint, face or PIN."

    def clean(self) -> dict[str, Any]:
        try:
            return super().clean()
        except NONSENSE:
            raise _refused() from None


class _RefusesNonsense:
    def clean_credential(self) -> Any:
        try:
            return super().clean_credential()  # type: ignore[misc]
        except NONSENSE:
            raise _refused() from None


class LogInPasskeyForm(_RefusesNonsense, LoginWebAuthnForm):
    pass


class SecondFactorPasskeyForm(_RefusesNonsense, AuthenticateWebAuthnForm):
    pass


class ConfirmPasskeyForm(_RefusesNonsense, ReauthenticateWebAuthnForm):
    pass


def _refused() -> Exception:
    return get_adapter().validation_error("incorrect_passkey")
