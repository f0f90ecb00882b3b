"""What was sent to an endpoint, and what became of it."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.access import administrator_required
from accounts.lists import page_of
from webhooks import services
from webhooks.forms import LogFilterForm
from webhooks.models import Delivery, Endpoint
from webhooks.selectors import Sent

SIZE = 50
IS_OFF = "{endpoint} is switched off. Switch it on first."


@administrator_required
@require_safe
def log(request: HttpRequest, pk: int) -> HttpResponse:
    endpoint = get_object_or_404(Endpoint.objects, pk=pk)
    form = LogFilterForm(request.GET)
    rows = Delivery.objects.filter(endpoint=endpoint).order_by("-pk")
    page = page_of(request, rows.filter(state=form.chosen) if form.chosen else rows, size=SIZE)
    context = {
        "endpoint": endpoint,
        "form": form,
        "page": page,
        "lines": [Sent(row) for row in page],
        "is_filtered": bool(form.chosen),
    }
    return render(request, "webhooks/log.html", context)


@administrator_required
@require_POST
def test(request: HttpRequest, pk: int) -> HttpResponse:
    endpoint = get_object_or_404(Endpoint.objects.select_related("account"), pk=pk)
    try:
        services.send_test(endpoint=endpoint)
    except services.IsOff:
        messages.error(request, IS_OFF.format(endpoint=endpoint))
    else:
        messages.success(request, "A test event is on its way. Load the page again to see its end.")
    return redirect("webhooks:log", pk)


@administrator_required
@require_POST
def send_again(request: HttpRequest, pk: int, delivery_pk: int) -> HttpResponse:
    rows = Delivery.objects.select_related("account", "endpoint").filter(endpoint=pk)
    row = get_object_or_404(rows, pk=delivery_pk)
    try:
        is_sent = services.send_again(delivery=row)
    except services.IsOff:
        messages.error(request, IS_OFF.format(endpoint=row.endpoint))
    else:
        told = "The event is sent again." if is_sent else "It is being sent at this moment."
        messages.success(request, told)
    return redirect("webhooks:log", pk)
