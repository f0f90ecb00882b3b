"""Why is somebody here, or not here; and the sync of one person."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import administrator_required
from integrations import selectors, services, tasks, wording
from integrations.models import Connection, TargetLink
from integrations.views.finding import connection_or_404, go, provider_or_404, set_up_or_404

SHORTEST, LONGEST = 2, 255
NOT_AN_ID = "This is not an Id that a person could have."
ALREADY_OPEN = (
    "A sync of this integration is open already. Wait until it has ended, then try again."
)


@administrator_required
@require_safe
def why_here(request: HttpRequest) -> HttpResponse:
    """For a link that knows no integration: to the page of the first, or to the Store."""
    connection = Connection.objects.order_by("pk").first()
    if connection is None:
        return redirect("integrations:store")
    address = reverse("integrations:why", args=[connection.provider])
    return redirect(f"{address}?{request.GET.urlencode()}" if request.GET else address)


@administrator_required
@require_http_methods(["GET", "POST"])
def why(request: HttpRequest, provider: str) -> HttpResponse:
    """GET answers from what the last sync saw; POST asks the provider itself too."""
    connection, found = connection_or_404(provider), provider_or_404(provider)
    sent = request.POST if request.method == "POST" else request.GET
    text = sent.get("q", "").strip()[:LONGEST]
    context: dict[str, Any] = {"provider": found, "q": text, "shortest": SHORTEST}
    if len(text) >= SHORTEST:
        context |= _answered(connection, text)
        if request.method == "POST":
            context |= _asked(connection, text)
    return render(request, "integrations/why.html", context)


def _answered(connection: Connection, text: str) -> dict[str, Any]:
    reading = selectors.last_reading(connection)
    return {
        "is_searched": True,
        "reading": reading,
        "answers": selectors.answers(text, connection, reading),
    }


def _asked(connection: Connection, text: str) -> dict[str, Any]:
    asked = services.ask_about(connection=connection, text=text)
    label = provider_or_404(connection.provider).label
    if asked.error_code:
        return {"error": wording.error_sentence(asked.error_code, asked.error_detail, label)}
    live = [selectors.asked_answer(connection, one.record, one.teams) for one in asked.people]
    return {"is_asked": True, "live": live, "more": asked.more}


@administrator_required
@require_POST
def sync_person(request: HttpRequest, provider: str) -> HttpResponse:
    connection = set_up_or_404(provider)
    try:
        opened = services.sync_person(
            connection=connection, person_id=_person_id(request, connection), user=request.user
        )
    except services.NotAnId:
        messages.error(request, NOT_AN_ID)
        return go(request, reverse("integrations:why", args=[provider]))
    if opened.is_new:
        tasks.wake(opened.run.pk)
    else:
        messages.info(request, ALREADY_OPEN)
    return go(request, reverse("integrations:run", args=[provider, opened.run.pk]))


def _person_id(request: HttpRequest, connection: Connection) -> str:
    """The id itself, or that of the person whom a target is linked to."""
    target = request.POST.get("target", "")
    if not target.isdecimal():
        return request.POST.get("person_id", "")
    link = get_object_or_404(TargetLink.objects.filter(connection=connection), target_id=target)
    return str(link.integration_id)
