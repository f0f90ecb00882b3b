from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.access import administrator_required
from integrations import selectors
from integrations.models import Connection
from integrations.views.finding import provider_or_404, set_up_or_404
from integrations.wording import drift_line


@administrator_required
@require_safe
def drift(request: HttpRequest, provider: str) -> HttpResponse:
    """The groups that no night brings up to date, and how far they are from their teams."""
    connection: Connection = set_up_or_404(provider)
    lines = [(link, drift_line(link)) for link in selectors.drift_of(connection)]
    context = {"provider": provider_or_404(provider), "lines": lines}
    return render(request, "integrations/drift.html", context)
