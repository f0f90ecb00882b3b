"""Logging in as a browser does, and the second factors that a user may have."""

from __future__ import annotations

import time

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value
from django.test import Client

from accounts.models import User
from tests.factories import PASSWORD

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
SECOND_FACTOR = "/login/second-factor/"
OWN = "/account/"
SSO = "/login/sso/"


def log_in(user: User, *, client: Client | None = None, password: str = PASSWORD) -> Client:
    """With the password alone; the client is at the second factor where there is one."""
    client = client or Client()
    client.post("/login/", {"login": user.email, "password": password})
    return client


def confirm(client: Client) -> Client:
    """They have given their password a moment ago."""
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    return client


def give_app(user: User, secret: str = SECRET) -> Authenticator:
    return TOTP.activate(user, secret).instance


def give_codes(user: User) -> list[str]:
    return RecoveryCodes.activate(user).get_unused_codes()


def code(secret: str = SECRET, *, later: int = 0) -> str:
    """What the app shows now, or that many codes later."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + later))


def give_code(client: Client, given: str):
    return client.post(SECOND_FACTOR, {"code": given})


def by_company(company, client: Client | None = None, **asked: str):
    client = client or Client()
    sent = client.get(SSO, asked)
    assert sent.status_code == 302, sent.text
    return client, client.get(company.log_in(sent["Location"]))
