"""What was sent to an endpoint, and what became of it."""

from __future__ import annotations

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts import audit
from accounts.access import administrator_required
from accounts.csv_export import csv_response
from accounts.lists import Column, headings, in_order, order_asked, page_of
from webhooks import services
from webhooks.forms import LogFilterForm
from webhooks.models import Delivery, Endpoint
from webhooks.selectors import Sent

SIZE = 50
NEWEST = "-when"
COLUMNS = (
    Column("When", "when", ("pk",)),
    Column("What", "what", ("type",)),
    Column("State", "state", ("state", "attempts")),
    Column("Last attempt", "tried", ("tried_at",), is_nullable=True),
)
EXPORTED = ("When", "Event", "Number", "State", "Attempts", "Last attempt", "Outcome", "Answer")
IS_OFF = "{endpoint} is switched off. Switch it on first."


@administrator_required
@require_safe
def log(request: HttpRequest, pk: int) -> HttpResponse:
    endpoint = get_object_or_404(Endpoint.objects, pk=pk)
    form, rows = _chosen(request, endpoint)
    page = page_of(request, rows, size=SIZE)
    context = {
        "endpoint": endpoint,
        "form": form,
        "page": page,
        "headings": headings(COLUMNS, order_asked(request, COLUMNS, NEWEST)),
        "lines": [Sent(row) for row in page],
        "is_filtered": any(request.GET.get(name) for name in form.fields),
    }
    return render(request, "webhooks/log.html", context)


@administrator_required
@require_safe
def log_csv(request: HttpRequest, pk: int) -> HttpResponse:
    endpoint = get_object_or_404(Endpoint.objects, pk=pk)
    _form, rows = _chosen(request, endpoint)
    audit.record(account=request.account, kind="EXPORTED", subject="webhook-log.csv")
    return csv_response("webhook-log.csv", EXPORTED, (Sent(row).cells for row in rows.iterator()))


def _chosen(request: HttpRequest, endpoint: Endpoint) -> tuple[LogFilterForm, QuerySet[Delivery]]:
    """The events that are asked for, sorted as asked."""
    form = LogFilterForm(request.GET)
    rows = form.applied(Delivery.objects.filter(endpoint=endpoint))
    return form, in_order(rows, COLUMNS, order_asked(request, COLUMNS, NEWEST))


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
