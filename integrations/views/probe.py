from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from accounts.access import administrator_required
from integrations import services, wording
from integrations.views.finding import provider_or_404, set_up_or_404

TOO_MANY = "That were many tests in a minute. Test again in {seconds} seconds."


@administrator_required
@require_POST
def probe(request: HttpRequest, provider: str) -> HttpResponse:
    """Test connection: with the stored key, and nothing is changed."""
    connection, found = set_up_or_404(provider), provider_or_404(provider)
    context = {"provider": found, "connection": connection}
    try:
        tested = services.run_probe(
            account=request.account,
            user=request.user,
            provider=provider,
            region=connection.region,
            api_key="",
        )
    except services.TooManyProbes as refusal:
        context["refusal"] = TOO_MANY.format(seconds=refusal.seconds)
    else:
        context["probe"] = tested
        context["steps"] = [wording.probe_step(step, found.label) for step in tested.steps]
    template = "probe_dialog" if request.htmx else "probe"
    return render(request, f"integrations/{template}.html", context)
