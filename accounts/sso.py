"""Single sign-on by OpenID Connect: for people whom the Portal knows by the e-mail address that the
provider has verified (docs/decisions/0027). Nothing of the provider's is stored."""

from __future__ import annotations

import logging
from typing import Any

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

from accounts.models import User

logger = logging.getLogger(__name__)
ALGORITHMS = {"RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "EdDSA"}


class InvitedOnly(DefaultSocialAccountAdapter):
    """Never a new user, and never one who is told apart by anything but a verified address."""

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        email = _verified_email(sociallogin.account.extra_data)
        user = User.objects.filter(email__iexact=email, is_active=True).first() if email else None
        if user is None:
            logger.info("single sign-on refused: %s", "nobody" if email else "no verified address")
            page = render(request, "socialaccount/stranger.html", {"email": email}, status=403)
            raise ImmediateHttpResponse(page)
        sociallogin.user = user

    def on_authentication_error(
        self, request: HttpRequest, provider: Any, error: Any = None, **_more: Any
    ) -> None:
        """Who turned back at the provider is at the log-in again."""
        if error == AuthError.CANCELLED:
            raise ImmediateHttpResponse(redirect("account_login"))

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        return False

    def get_requests_session(self) -> Any:
        """Neither a .netrc nor a proxy of the environment changes where the secret goes."""
        session = super().get_requests_session()
        session.trust_env = False
        return session


def _verified_email(told: dict[str, Any]) -> str:
    """'' without one. The address may be in either answer; both must be about the same person."""
    token, userinfo = told.get("id_token") or {}, told.get("userinfo") or {}
    if not token or token.get("sub") != userinfo.get("sub", token.get("sub")):
        return ""
    answer = userinfo if userinfo.get("email") else token
    is_verified = answer.get("email_verified") in (True, "true")
    email = answer.get("email")
    return email.strip() if is_verified and isinstance(email, str) else ""


class Provider(OpenIDConnectOAuth2Adapter):
    """With the signature of the id_token checked, and the issuer that was configured."""

    @property
    def openid_config(self) -> dict[str, Any]:
        told = super().openid_config
        issuer = self.get_provider().app.settings["server_url"]
        if str(told.get("issuer", "")).rstrip("/") != issuer:
            raise OAuth2Error("another issuer than the configured one")
        return told

    def _decode_id_token(self, app: SocialApp, id_token: str) -> dict[str, Any]:
        return jwtkit.verify_and_decode(
            credential=id_token,
            keys_url=self.openid_config["jwks_uri"],
            issuer=self.openid_config["issuer"],
            audience=app.client_id,
            lookup_kid=_key_for_signing,
        )

    def get_callback_url(self, request: HttpRequest, app: SocialApp) -> str:
        return f"{settings.PORTAL_URL}{reverse('sso_callback')}"


def _key_for_signing(keys: dict[str, Any], kid: str) -> Any:
    public = [each for each in keys["keys"] if each.get("alg", "RS256") in ALGORITHMS]
    return jwtkit.lookup_kid_jwk({"keys": public}, kid)


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
    logger.warning("single sign-on failed: %s", type(error).__name__)
    return render_authentication_error(request, provider, exception=error)
