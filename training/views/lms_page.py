"""How the Portal and each LMS get on: what waits, what went wrong, how completions come in."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import administrator_required, fresh_log_in_required
from groups.sources import source_label
from integrations.models import Connection
from training.services.completion_hook import renew_address
from training.services.lms import enrolling_connections
from training.services.queues import queues, set_creates_people

ON = "{name}: who is not there is made there, when they are to be enrolled."
OFF = "{name}: nobody is made there."


@administrator_required
@require_http_methods(["GET", "POST"])
def lms_page(request: HttpRequest) -> HttpResponse:
    """A POST makes a new address for the LMS's webhook, shown on this page once."""
    rows = queues()
    chosen = next((row for row in rows if str(row.connection.pk) == _sent(request)), None)
    if chosen and chosen.tells:
        return _with_new_address(request, chosen.connection)
    return render(request, "training/lms_page.html", {"rows": rows, "address": ""})


@fresh_log_in_required
def _with_new_address(request: HttpRequest, connection: Connection) -> HttpResponse:
    secret = renew_address(connection=connection)
    address = request.build_absolute_uri(reverse("training:completion", args=[secret]))
    return render(request, "training/lms_page.html", {"rows": queues(), "address": address})


@administrator_required
@require_POST
def creating(request: HttpRequest) -> HttpResponse:
    """Whether people who are not at the LMS are made there."""
    able = {str(one.pk): one for one in enrolling_connections()}
    if connection := able.get(_sent(request)):
        is_on = "creates_people" in request.POST
        set_creates_people(connection=connection, creates_people=is_on)
        told = ON if is_on else OFF
        messages.success(request, told.format(name=source_label(connection.provider)))
    return redirect("training:lms_page")


def _sent(request: HttpRequest) -> str:
    return request.POST.get("connection", "")
