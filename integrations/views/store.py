from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.timezone import now
from django.views.decorators.http import require_safe

from accounts.access import administrator_required
from integrations import selectors
from integrations.views.finding import provider_or_404


@administrator_required
@require_safe
def store(request: HttpRequest) -> HttpResponse:
    cards = selectors.cards()
    is_silent = any(card.connection for card in cards) and selectors.is_scheduler_silent(now())
    context = {"cards": cards, "silent": selectors.SILENT if is_silent else ()}
    return render(request, "integrations/store.html", context)


@administrator_required
@require_safe
def card(request: HttpRequest, provider: str) -> HttpResponse:
    """The part of a card that changes while a run is open."""
    shown = selectors.card_of(provider_or_404(provider).key)
    return render(request, "integrations/card_state.html", {"card": shown})
