from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from io import StringIO, TextIOWrapper

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from accounts import audit
from accounts.access import administrator_required
from training.models import Campaign, CampaignState
from training.services.csv_actions import LARGEST, BadFile, Look, look_at, take_file


@administrator_required
@require_http_methods(["GET", "POST"])
def actions(request: HttpRequest, pk: int) -> HttpResponse:
    """First shows what the file holds, then takes its good rows in; at once where that is asked for."""
    campaign = get_object_or_404(Campaign.objects.filter(state=CampaignState.RUNNING), pk=pk)
    context = {"campaign": campaign}
    if request.method == "GET":
        return render(request, "training/import.html", context)
    try:
        with _lines(request) as lines:
            look = look_at(lines, campaign=campaign)
    except BadFile as error:
        return render(request, "training/import.html", context | {"error": str(error)})
    if look.good and ("confirmed" in request.POST or "at_once" in request.POST):
        with _lines(request) as lines:
            return _take(request, campaign, lines, look)
    return render(request, "training/import.html", context | {"look": look})


@contextmanager
def _lines(request: HttpRequest) -> Iterator[Iterable[str]]:
    """Of the file, each time from its beginning. Raises BadFile."""
    sent = request.FILES.get("file")
    if sent is None:
        yield StringIO(request.POST.get("text", ""), newline="")
        return
    if sent.size > LARGEST:
        raise BadFile(f"The file has more than {LARGEST:,} bytes. Split it.")
    sent.seek(0)
    lines = TextIOWrapper(sent.file, encoding="utf-8-sig", newline="")
    try:
        yield lines
    finally:
        lines.detach()


def _take(
    request: HttpRequest, campaign: Campaign, lines: Iterable[str], look: Look
) -> HttpResponse:
    taken = take_file(lines, campaign=campaign)
    counts = {"new": taken.new, "known": taken.known, "enrolments": taken.enrolled}
    audit.record(
        account=campaign.account, kind="ACTIONS_IMPORTED", subject=campaign.name, after=counts
    )
    told = f" {look.bad} rows were left out." if look.bad else ""
    messages.success(
        request,
        f"{taken.new} actions are new, {taken.known} were known; {taken.enrolled} enrolments were"
        f" made, {taken.withdrawn} withdrawn.{told}",
    )
    return redirect("training:campaign", pk=campaign.pk)
