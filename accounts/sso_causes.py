"""Why a log-in at the company's provider failed, for the operator's log. Never what was sent or answered:
codes, tokens and the secret are in there."""

from __future__ import annotations

import re
from collections.abc import Container

import jwt
from allauth.socialaccount.providers.oauth2.client import OAuth2Error

STRANGE_STATE = (
    "state: this browser began no such log-in, began it too long ago, or brings the answer twice"
)
OTHER_ISSUER = "the provider calls itself by another issuer than PORTAL_OIDC_ISSUER"
UNKNOWN_KEY = "the id_token is signed with a key that the provider does not publish"
TOKENS = {
    jwt.ImmatureSignatureError: "clock: the id_token is from the future",
    jwt.ExpiredSignatureError: "clock: the id_token has expired",
    jwt.InvalidIssuerError: "the id_token is from another issuer",
    jwt.InvalidAudienceError: "the id_token is for another client than PORTAL_OIDC_CLIENT_ID",
    jwt.InvalidAlgorithmError: "the id_token is signed by a method that is not accepted",
    jwt.InvalidSignatureError: "the signature of the id_token is wrong",
}
CODES = {
    "invalid_client": "PORTAL_OIDC_CLIENT_ID and PORTAL_OIDC_SECRET are not accepted",
    "unauthorized_client": "this client may not log people in by a code",
    "invalid_grant": "the code was used before, is too old, or is another client's",
}
_CODE = re.compile(r"[a-z_]{1,40}")
_ANSWERED = re.compile(r'"error"\s*:\s*"([a-z_]{1,40})"')


class Unusable(OAuth2Error):
    """The message is the cause."""


def of_token(error: jwt.PyJWTError) -> str:
    return TOKENS.get(type(error), f"the id_token is not valid ({type(error).__name__})")


def of_failure(error: Exception | None, *, sent: str | None, known: Container[str]) -> str:
    """`sent` is the error that the browser came back with, `known` what allauth told of the failure."""
    if isinstance(error, Unusable):
        return str(error)
    if isinstance(error, OAuth2Error):
        return _no_token(str(error))
    if isinstance(error, OSError) and not isinstance(error, ValueError):
        return _no_answer(error)
    if error is not None:
        return f"an answer of the provider makes no sense ({type(error).__name__})"
    if "state" not in known:
        return STRANGE_STATE
    return f"the provider sent the browser back with {_in_words(sent or '')}"


def _no_token(message: str) -> str:
    found = _ANSWERED.search(message)
    return f"the provider gave no token: {_in_words(found[1] if found else '')}"


def _no_answer(error: OSError) -> str:
    status = getattr(getattr(error, "response", None), "status_code", None)
    if status:
        return f"the provider answered {status}"
    return f"no answer of the provider ({type(error).__name__})"


def _in_words(code: str) -> str:
    """A browser may have sent anything."""
    if not _CODE.fullmatch(code):
        return "no code of an error"
    return f"{code} ({CODES[code]})" if code in CODES else code
