"""Limits: from which number on a sync's removals wait for a person."""

from __future__ import annotations

from dataclasses import replace

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from accounts.access import administrator_required
from integrations import services
from integrations.limits_form import LimitsForm
from integrations.sync.guard import Thresholds
from integrations.views.finding import go, provider_or_404, set_up_or_404

SAVED = "The limits are saved. They count from the next sync on."
OFF = "The limits are off: from the next sync on no number of removals is held."


@administrator_required
@require_http_methods(["GET", "POST"])
def limits(request: HttpRequest, provider: str) -> HttpResponse:
    connection, found = set_up_or_404(provider), provider_or_404(provider)
    now = services.limits_of(connection)
    action = request.POST.get("action", "")
    sent = request.POST if action == "save" else None
    form = LimitsForm(sent, limits=now, account_name=request.account.name)
    chosen = _chosen(action, form, now)
    if chosen is None:
        context = {"provider": found, "form": form, "limits": now}
        return render(request, "integrations/limits.html", context)
    services.save_limits(connection=connection, user=request.user, limits=chosen)
    if chosen.is_off and not now.is_off:
        messages.warning(request, OFF)
    else:
        messages.success(request, SAVED)
    return go(request, reverse("integrations:limits", args=[provider]))


def _chosen(action: str, form: LimitsForm, now: Thresholds) -> Thresholds | None:
    """What is to be stored; None when nothing was sent, or nothing that can be."""
    if action == "reset":
        return Thresholds()
    if action == "on":
        return replace(now, is_off=False)
    return form.chosen() if action == "save" and form.is_valid() else None
