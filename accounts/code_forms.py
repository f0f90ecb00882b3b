"""The forms for a code of an authenticator app: each code works once, wherever it was given."""

from allauth.core.internal.cryptokit import normalize_user_code
from allauth.mfa import app_settings
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.forms import ActivateTOTPForm
from django.core.cache import cache

from accounts.models import User

CODE = {"inputmode": "numeric", "autocomplete": "one-time-code", "autofocus": True}


def use_up(user: User, code: str) -> None:
    """Raises ValidationError for a code that was used. It is remembered for as long as it would work:
    allauth does so for one period alone, whatever the tolerance."""
    periods = 1 + 2 * app_settings.TOTP_TOLERANCE
    key = f"accounts.code:{user.pk}:{normalize_user_code(code)}"
    if not cache.add(key, 1, timeout=periods * app_settings.TOTP_PERIOD):
        raise get_adapter().validation_error("incorrect_code")


class LogInCodeForm(AuthenticateForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        _label(self)

    def clean_code(self) -> str:
        return _once(self, super().clean_code())


class ConfirmCodeForm(ReauthenticateForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        _label(self)

    def clean_code(self) -> str:
        return _once(self, super().clean_code())


class FirstCodeForm(ActivateTOTPForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        field = self.fields["code"]
        field.label, field.help_text = "Code", "The six digits that the app shows now."
        field.widget.attrs = dict(CODE)

    def clean_code(self) -> str:
        code = super().clean_code()
        use_up(self.user, code)
        return code


def _label(form: AuthenticateForm) -> None:
    field = form.fields["code"]
    field.label = "Code"
    field.help_text = "The six digits that the app shows now, or one of your recovery codes."
    field.widget.attrs = {"autocomplete": "one-time-code", "autofocus": True}


def _once(form: AuthenticateForm, code: str) -> str:
    if form.authenticator.type == Authenticator.Type.TOTP:
        use_up(form.user, code)
    return code
