"""Single sign-on by OpenID Connect: for people whom the Portal knows by the e-mail address that the
provider has verified (docs/decisions/0027). Nothing of the provider's is stored."""

from __future__ import annotations

import logging
from typing import Any

import jwt
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.helpers import render_authentication_error
from allauth.socialaccount.internal import jwtkit
from allauth.socialaccount.models import SocialApp, SocialLogin
from allauth.socialaccount.providers.base.constants import AuthError, AuthProcess
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_safe

from accounts import sso_causes
from accounts.models import User
from accounts.signals import tell_of_refused_sso

logger = logging.getLogger(__name__)
#: The provider's clock and the Portal's may differ by this much.
LEEWAY_SECONDS = 60
ALGORITHMS = {"RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "EdDSA"}


class InvitedOnly(DefaultSocialAccountAdapter):
    """Never a new user, and never one who is told apart by anything but a verified address."""

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        email, is_verified = _email(sociallogin.account.extra_data)
        user = User.objects.by_address(email) if email else None
        if user is None or not (is_verified and user.is_active):
            _tell_of_refusal(user, is_verified=is_verified)
            email = email if is_verified else ""
            page = render(request, "socialaccount/stranger.html", {"email": email}, status=403)
            raise ImmediateHttpResponse(page)
        sociallogin.user = user

    def on_authentication_error(
        self,
        request: HttpRequest,
        provider: Any,
        error: Any = None,
        exception: Exception | None = None,
        extra_context: dict[str, Any] | None = None,
    ) -> None:
        """Who turned back at the provider is at the log-in again."""
        if error == AuthError.CANCELLED:
            raise ImmediateHttpResponse(redirect("account_login"))
        cause = sso_causes.of_failure(
            exception, sent=request.GET.get("error"), known=extra_context or {}
        )
        logger.warning("single sign-on failed: %s", cause)

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        return False

    def get_requests_session(self) -> Any:
        """Neither a .netrc nor a proxy of the environment changes where the secret goes."""
        session = super().get_requests_session()
        session.trust_env = False
        return session


def _email(told: dict[str, Any]) -> tuple[str, bool]:
    """With whether the provider has verified it; '' without one. The address may be in either answer; both
    must be about the same person."""
    token, userinfo = told.get("id_token") or {}, told.get("userinfo") or {}
    if not token or token.get("sub") != userinfo.get("sub", token.get("sub")):
        return "", False
    answer = userinfo if userinfo.get("email") else token
    email = answer.get("email")
    is_verified = answer.get("email_verified") in (True, "true")
    return (email.strip(), is_verified) if isinstance(email, str) else ("", False)


def _tell_of_refusal(user: User | None, *, is_verified: bool) -> None:
    if user is None:
        logger.info("single sign-on refused: nobody has this address, or there was none")
    else:
        reason = "the log-in is switched off" if is_verified else "the address is not verified"
        tell_of_refused_sso(user, reason)


class Provider(OpenIDConnectOAuth2Adapter):
    """With the signature of the id_token checked, and the issuer that was configured."""

    @property
    def openid_config(self) -> dict[str, Any]:
        told = super().openid_config
        issuer = self.get_provider().app.settings["server_url"]
        if str(told.get("issuer", "")).rstrip("/") != issuer:
            raise sso_causes.Unusable(sso_causes.OTHER_ISSUER)
        return told

    def _decode_id_token(self, app: SocialApp, id_token: str) -> dict[str, Any]:
        keys_url, issuer = self.openid_config["jwks_uri"], self.openid_config["issuer"]
        try:
            _algorithm, key = jwtkit.fetch_key(id_token, keys_url, _key_for_signing)
            told: dict[str, Any] = jwt.decode(
                id_token,
                key=key,
                algorithms=sorted(ALGORITHMS),
                issuer=issuer,
                audience=app.client_id,
                leeway=LEEWAY_SECONDS,
                options={"require": ["exp", "iat", "iss", "aud", "sub"]},
            )
        except jwt.PyJWTError as error:
            raise sso_causes.Unusable(sso_causes.of_token(error)) from error
        jwtkit.verify_jti(told | {"exp": told["exp"] + LEEWAY_SECONDS})
        return told

    def get_callback_url(self, request: HttpRequest, app: SocialApp) -> str:
        return f"{settings.PORTAL_URL}{reverse('sso_callback')}"


def _key_for_signing(keys: dict[str, Any], kid: str) -> Any:
    public = [each for each in keys["keys"] if each.get("alg", "RS256") in ALGORITHMS]
    key = jwtkit.lookup_kid_jwk({"keys": public}, kid)
    if key is None:
        raise sso_causes.Unusable(sso_causes.UNKNOWN_KEY)
    return key


class SsoProvider(OpenIDConnectProvider):
    oauth2_adapter_class = Provider


@require_safe
def begin(request: HttpRequest) -> HttpResponse:
    """A link and not a form: the policy lets forms lead nowhere else, and nothing is changed yet."""
    provider = _provider(request)
    sent = request.GET.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(sent, allowed_hosts={request.get_host()})
    try:
        return provider.redirect(request, AuthProcess.LOGIN, next_url=sent if is_ours else None)
    except (OSError, ValueError, KeyError, OAuth2Error) as error:
        return _failed(request, provider, error)


@require_safe
def callback(request: HttpRequest) -> HttpResponse:
    provider = _provider(request)
    try:
        return OAuth2CallbackView.adapter_view(Provider(request, settings.SSO_ID))(request)
    except (OSError, ValueError, KeyError, TypeError) as error:
        return _failed(request, provider, error)


def _provider(request: HttpRequest) -> SsoProvider:
    try:
        app = InvitedOnly(request).get_app(request, provider=settings.SSO_ID)
    except SocialApp.DoesNotExist:
        raise Http404 from None
    return SsoProvider(request, app=app)


def _failed(request: HttpRequest, provider: SsoProvider, error: Exception) -> HttpResponse:
    return render_authentication_error(request, provider, exception=error)
