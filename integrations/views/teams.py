from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from accounts.access import administrator_required
from integrations import selectors
from integrations.views.finding import provider_or_404
from integrations.views.setup_page import find_probe, teams_source


@administrator_required
@require_POST
def teams(request: HttpRequest, provider: str) -> HttpResponse:
    """What a search for teams finds, and those chosen so far. POST, because hundreds of chosen teams
    don't fit into an address; nothing is stored."""
    found = provider_or_404(provider)
    connection = selectors.connection_of(found.key)
    picker = selectors.pick(
        probe=teams_source(find_probe(request.POST.get("probe", ""), found.key), connection),
        connection=connection,
        chosen_ids=request.POST.getlist("teams"),
        query=request.POST.get("team_search", "").strip(),
    )
    return render(request, "integrations/team_results.html", {"picker": picker})
