"""What other programs send. Nothing here trusts who sends before the signature fits."""

from __future__ import annotations

import hmac
import json
import uuid
from collections.abc import Callable
from functools import wraps
from hashlib import sha256
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST
from django_scopes import scope, scopes_disabled

from integrations import vault
from training.models import Campaign, Door
from training.services.campaigns import count_ignored
from training.services.completion_hook import keep_webhook, lane_of_address
from training.services.gophish import is_of, read_event
from training.services.rows import BadRow
from training.services.taking import take_actions
from training.tasks import wake_told

View = Callable[..., HttpResponse]
#: GoPhish takes forms of up to 10 MiB; three signs of one may become seven in the message about it.
LARGEST_FORM = 25_000_000
LARGEST = 500_000
SIGNATURE = "X-Gophish-Signature"
#: What its button Ping sends.
PING = {"success": True}
IGNORED = {"accepted": 0, "ignored": 1}


class BadPayload(ValueError):
    """The message says what is wrong with it."""


def door(largest: int) -> Callable[[View], View]:
    """For programs, some of which follow no redirect and take one for success: nothing is answered by a
    redirect, and what is refused by 4xx is not read."""

    def decorate(view: View) -> View:
        @csrf_exempt
        @require_POST
        @wraps(view)
        def checked(request: HttpRequest, **found: Any) -> HttpResponse:
            return _refused(request, largest) or view(request, **found)

        return checked

    return decorate


def _refused(request: HttpRequest, largest: int) -> HttpResponse | None:
    if settings.SECURE_SSL_REDIRECT and not request.is_secure():
        return _problem(403, "The address begins with https://.")
    length = request.headers.get("Content-Length", "")
    if "Transfer-Encoding" in request.headers or not length.isdecimal():
        return _problem(411, "Send the header “Content-Length”, and no chunks.")
    if len(length) > 18 or int(length) > largest:
        return _problem(413, f"More than {largest:,} bytes.")
    return None


@csrf_exempt
def unknown(request: HttpRequest, rest: str) -> HttpResponse:
    return _problem(404, "There is no such address.")


@door(LARGEST_FORM)
def gophish(request: HttpRequest, hook_id: uuid.UUID) -> HttpResponse:
    """200 with what became of it, also for one that was sent before; 401 for a wrong signature."""
    with scopes_disabled():
        campaign = Campaign.objects.select_related("account").filter(hook_id=hook_id).first()
    if campaign is None:
        return _problem(401, "The signature does not fit.")
    body = request.read()
    if not _is_signed(campaign, body, request.headers.get(SIGNATURE, "")):
        return _problem(401, "The signature does not fit.")
    try:
        told = _take(campaign, _object(body))
    except (BadPayload, BadRow) as error:
        return _problem(400, str(error))
    return JsonResponse(told)


def _take(campaign: Campaign, event: dict[str, Any]) -> dict[str, int]:
    """Raises BadRow."""
    if event == PING:
        return IGNORED
    action = read_event(event, now=timezone.now())
    if action is None:
        return IGNORED
    with scope(account=campaign.account):
        if not is_of(event, campaign.gophish_number):
            count_ignored(campaign=campaign)
            return IGNORED
        taken = take_actions(campaign=campaign, actions=[action], door=Door.GOPHISH)
    return {"accepted": taken.new, "known": taken.known, "enrolled": taken.enrolled}


@door(LARGEST)
def completion(request: HttpRequest, secret: str) -> HttpResponse:
    """202 at once, also for what is about something else: what was told is kept and taken in later. 404 for
    an address that does not exist or no longer counts."""
    lane = lane_of_address(secret)
    if lane is None:
        return _problem(404, "There is no such address.")
    try:
        is_told = keep_webhook(lane, _object(request.body))
    except ValueError as error:
        return _problem(400, str(error))
    if is_told:
        wake_told(lane.connection_id)
    return JsonResponse({"accepted": int(is_told)}, status=202)


def _problem(status: int, told: str) -> HttpResponse:
    return JsonResponse({"detail": told}, status=status)


def _is_signed(campaign: Campaign, body: bytes, given: str) -> bool:
    if not campaign.hook_secret_sealed:
        return False
    secret = vault.unseal(campaign.hook_secret_sealed, context=campaign.hook_context)
    wanted = "sha256=" + hmac.new(secret.reveal().encode(), body, sha256).hexdigest()
    return hmac.compare_digest(wanted.encode(), given.encode("utf-8", "replace"))


def _object(body: bytes) -> dict[str, Any]:
    try:
        sent = json.loads(body)
    except (ValueError, RecursionError):
        raise BadPayload("The body is not JSON.") from None
    if not isinstance(sent, dict):
        raise BadPayload("The body is not a JSON object.")
    return sent
