"""Field mapping: which of a person's fields follow the provider."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from accounts.access import administrator_required
from integrations import services, wording
from integrations.contract.provider import Provider
from integrations.field_rules_form import FieldRulesForm
from integrations.models import Connection
from integrations.views.finding import go, provider_or_404, set_up_or_404
from integrations.views.previews import go_on_to_the_run

SAVED = "The field mapping is saved. It counts from the next sync on."
NOBODY = "There is nobody to show an example of."


@administrator_required
@require_http_methods(["GET", "POST"])
def field_rules(request: HttpRequest, provider: str) -> HttpResponse:
    """POST with `action` save, preview (save, then show the effect) or example (nothing is saved)."""
    connection, found = set_up_or_404(provider), provider_or_404(provider)
    sent = request.POST if request.method == "POST" else None
    form = FieldRulesForm(sent, rules=connection.field_rules, provider=found.label)
    action = request.POST.get("action", "")
    if action in ("save", "preview") and form.is_valid():
        services.save_field_rules(connection=connection, user=request.user, rules=form.cleaned_data)
        messages.success(request, SAVED)
        return _go_on(request, connection, action)
    context = {"provider": found, "form": form, **_example(connection, found, action)}
    return render(request, "integrations/field_rules.html", context)


def _go_on(request: HttpRequest, connection: Connection, action: str) -> HttpResponse:
    provider = connection.provider
    if action == "save":
        return go(request, reverse("integrations:field_rules", args=[provider]))
    opened = services.start_preview(connection=connection, user=request.user)
    return go_on_to_the_run(request, provider, opened)


def _example(connection: Connection, provider: Provider, action: str) -> dict[str, Any]:
    if action != "example":
        return {}
    example = services.read_example(connection)
    if example.error_code:
        error = wording.error_sentence(example.error_code, example.error_detail, provider.label)
        return {"error": " ".join(error)}
    return {"example": example.values} if example.values else {"error": NOBODY}
