"""What other programs send. Nothing here trusts who sends before the signature fits."""

from __future__ import annotations

import hmac
import json
import uuid
from hashlib import sha256
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST
from django_scopes import scope, scopes_disabled

from integrations import vault
from training.models import ActionKind, Campaign, Door
from training.services.completion_hook import keep_webhook, lane_of_address
from training.services.rows import BadRow, read_row
from training.services.taking import NewAction, take_actions
from training.tasks import wake_told

LARGEST = 500_000
SIGNATURE = "X-Gophish-Signature"
#: GoPhish's messages that say what somebody did.
KINDS = {
    "Email Sent": ActionKind.SENT,
    "Email Opened": ActionKind.OPENED,
    "Clicked Link": ActionKind.CLICKED,
    "Submitted Data": ActionKind.SUBMITTED,
    "Email Reported": ActionKind.REPORTED,
}
#: What its button Ping sends.
PING = {"success": True}


class BadPayload(ValueError):
    """The message says what is wrong with it."""


@csrf_exempt
@require_POST
def gophish(request: HttpRequest, hook_id: uuid.UUID) -> HttpResponse:
    """200 with what became of it, also for one that was sent before; 401 for a wrong signature."""
    if int(request.headers.get("Content-Length") or 0) > LARGEST:
        return _problem(413, f"More than {LARGEST:,} bytes.")
    body = request.body
    with scopes_disabled():
        campaign = Campaign.objects.select_related("account").filter(hook_id=hook_id).first()
    if campaign is None or not _is_signed(campaign, body, request.headers.get(SIGNATURE, "")):
        return _problem(401, "The signature does not fit.")
    try:
        action = _action(body, campaign.gophish_number)
    except BadPayload as error:
        return _problem(400, str(error))
    if action is None:
        return JsonResponse({"accepted": 0, "ignored": 1})
    with scope(account=campaign.account):
        taken = take_actions(campaign=campaign, actions=[action], door=Door.GOPHISH)
    return JsonResponse({"accepted": taken.new, "known": taken.known, "enrolled": taken.enrolled})


@csrf_exempt
@require_POST
def completion(request: HttpRequest, secret: str) -> HttpResponse:
    """202 at once, also for what is about something else: what was told is kept and taken in later. 404 for
    an address that does not exist or no longer counts."""
    if int(request.headers.get("Content-Length") or 0) > LARGEST:
        return _problem(413, f"More than {LARGEST:,} bytes.")
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


def _action(body: bytes, number: int | None) -> NewAction | None:
    """None for what GoPhish tells beside what people do, its ping, and other campaigns of its own.
    Raises BadPayload."""
    sent = _object(body)
    if sent == PING or number not in (None, sent.get("campaign_id")):
        return None
    kind = KINDS.get(_text(sent, "message"))
    if kind is None:
        return None
    row = {"email": sent.get("email"), "kind": kind.value, "happened_at": sent.get("time")}
    try:
        return read_row(row, now=timezone.now())
    except BadRow as error:
        raise BadPayload(str(error)) from None


def _object(body: bytes) -> dict[str, Any]:
    try:
        sent = json.loads(body)
    except (ValueError, RecursionError):
        raise BadPayload("The body is not JSON.") from None
    if not isinstance(sent, dict):
        raise BadPayload("The body is not a JSON object.")
    return sent


def _text(sent: dict[str, Any], name: str) -> str:
    value = sent.get(name)
    if not isinstance(value, str):
        raise BadPayload(f"“{name}” is not a text.")
    return value
