from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from accounts.access import administrator_required
from training.models import Lane
from training.services.completion_hook import renew_address, telling_connections


@administrator_required
@require_http_methods(["GET", "POST"])
def completions(request: HttpRequest) -> HttpResponse:
    """How the Portal learns who has finished. A POST makes a new address, shown on this page once."""
    able = {str(one.pk): one for one in telling_connections()}
    chosen = able.get(request.POST.get("connection", ""))
    address = ""
    if chosen:
        secret = renew_address(connection=chosen)
        address = request.build_absolute_uri(reverse("training:completion", args=[secret]))
    lanes = {one.connection_id: one for one in Lane.objects.filter(connection__in=able.values())}
    rows = [{"connection": one, "lane": lanes.get(one.pk, Lane())} for one in able.values()]
    return render(request, "training/completions.html", {"rows": rows, "address": address})
