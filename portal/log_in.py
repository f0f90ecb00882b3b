"""The settings of logging in: passwords, second factors, sessions, and the log-in of a company's own.

`portal.settings` takes over every name in capitals.
"""

from __future__ import annotations

import os
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

#: The address that is registered at the provider ends in `/login/sso/callback/`.
SSO_ID = "sso"
SSO_NAMES = (
    "PORTAL_OIDC_NAME",
    "PORTAL_OIDC_ISSUER",
    "PORTAL_OIDC_CLIENT_ID",
    "PORTAL_OIDC_SECRET",
)
LOCAL_HOSTS = {"127.0.0.1", "localhost", "::1"}

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["accounts.backend.OwnAddress"]
PASSWORD_HASHERS = ["portal.hashing.FewAtATime"]
AUTH_PASSWORD_VALIDATORS: list[dict[str, Any]] = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("email", "name")},
    },
    {"NAME": "accounts.passwords.WordsAtHandValidator", "OPTIONS": {"min_length": 8}},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "accounts.adapter.InvitationOnly"
ACCOUNT_FORMS = {"reset_password": "accounts.password_forms.ForgottenPasswordForm"}
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = True
# allauth's own would list the user's address as one that nobody has verified yet.
ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR = "django.contrib.auth.tokens.PasswordResetTokenGenerator"  # noqa: S105
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 30 * 60
# The key of login_failed is an account together with an address (accounts.adapter), so that one address
# locks nobody else out; whoever guesses from many addresses meets login_failed_anywhere.
ACCOUNT_RATE_LIMITS = {
    "login_failed": "10/m/ip,5/5m/key,20/h/key",
    "login_failed_anywhere": "100/h/key",
}

SESSION_COOKIE_AGE = 12 * 3600
SESSION_IDLE_SECONDS = 30 * 60

MFA_ADAPTER = "accounts.mfa_adapter.SealedSecrets"
# allauth's list of addresses is not used: who logs in has been invited to theirs by mail.
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Portal"
MFA_TOTP_TOLERANCE = 1
MFA_FORMS = {
    "authenticate": "accounts.code_forms.LogInCodeForm",
    "reauthenticate": "accounts.code_forms.ConfirmCodeForm",
    "activate_totp": "accounts.code_forms.FirstCodeForm",
    "add_webauthn": "accounts.passkey_forms.NewPasskeyForm",
    "login_webauthn": "accounts.passkey_forms.LogInPasskeyForm",
    "authenticate_webauthn": "accounts.passkey_forms.SecondFactorPasskeyForm",
    "reauthenticate_webauthn": "accounts.passkey_forms.ConfirmPasskeyForm",
}

SOCIALACCOUNT_ADAPTER = "accounts.sso.InvitedOnly"


def sso_provider() -> dict[str, Any]:
    """What allauth is told of the provider; nothing where none is set."""
    # Not by env.str, which takes a secret that begins with $ for another setting's name.
    given = {name: os.environ.get(name, "") for name in SSO_NAMES}
    if not any(given.values()):
        return {}
    if missing := [name for name, value in given.items() if not value]:
        raise ImproperlyConfigured(f"Single sign-on also needs {', '.join(missing)}.")
    name, issuer, client_id, secret = given.values()
    _check_issuer(issuer)
    return sso_app(name, issuer, client_id, secret)


def _check_issuer(issuer: str) -> None:
    address = urlsplit(issuer)
    is_local = address.scheme == "http" and address.hostname in LOCAL_HOSTS
    if not (is_local or (address.scheme == "https" and address.hostname)):
        raise ImproperlyConfigured("PORTAL_OIDC_ISSUER is an address that begins with https://.")


def sso_app(name: str, issuer: str, client_id: str, secret: str) -> dict[str, Any]:
    app = {
        "provider_id": SSO_ID,
        "name": name,
        "client_id": client_id,
        "secret": secret,
        "settings": {"server_url": issuer.rstrip("/"), "oauth_pkce_enabled": True},
    }
    return {"openid_connect": {"APPS": [app]}}


SOCIALACCOUNT_PROVIDERS = sso_provider()
