"""Turn off and Remove, each after a page that says what it does."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from accounts.access import administrator_required, fresh_log_in_required
from integrations import services
from integrations.models import Connection
from integrations.views.finding import go, provider_or_404, set_up_or_404

NOT_THE_NAME = "Nothing was removed: type {name} to say that you mean it."
REMOVED = (
    "{name} is removed and its key is deleted. "
    "Groups, targets, courses and the sync history stay{also}."
)


@administrator_required
@require_http_methods(["GET", "POST"])
def turn_off(request: HttpRequest, provider: str) -> HttpResponse:
    connection, found = set_up_or_404(provider), provider_or_404(provider)
    if request.method != "POST":
        context = {
            "provider": found,
            "connection": connection,
            "going_on": services.going_on(connection),
        }
        return render(request, "integrations/turn_off.html", context)
    groups = services.turn_off(
        connection=connection,
        user=request.user,
        stops_auto_sync="auto_sync" in request.POST,
        stops_default_lms="default_lms" in request.POST,
        stops=request.POST.getlist("stop"),
    )
    also = f" Auto-Sync is off for {_groups(groups)}." if groups else ""
    messages.success(request, f"{found.label} is off.{also} Settings turns it on again.")
    return go(request, reverse("integrations:store"))


@administrator_required
@require_http_methods(["GET", "POST"])
def remove(request: HttpRequest, provider: str) -> HttpResponse:
    connection, found = set_up_or_404(provider), provider_or_404(provider)
    typed = request.POST.get("name", "").strip()
    if typed.casefold() == found.label.casefold():
        return _remove(request, connection, found.label)
    context = {
        "provider": found,
        "going_on": services.going_on(connection),
        "error": NOT_THE_NAME.format(name=found.label) if request.method == "POST" else "",
    }
    return render(request, "integrations/remove.html", context)


@fresh_log_in_required
def _remove(request: HttpRequest, connection: Connection, name: str) -> HttpResponse:
    groups = services.remove(connection=connection, user=request.user)
    also = f"; Auto-Sync is off for {_groups(groups)}" if groups else ""
    messages.success(request, REMOVED.format(name=name, also=also))
    return go(request, reverse("integrations:store"))


def _groups(number: int) -> str:
    return f"{number:,} group{'' if number == 1 else 's'}"
