from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from accounts import audit
from accounts.access import administrator_required
from training.models import Campaign, CampaignState, Door
from training.services.csv_actions import BadFile, ReadActions, read_actions
from training.services.taking import take_actions

LARGEST = 1_000_000
SHOWN = 20


@administrator_required
@require_http_methods(["GET", "POST"])
def actions(request: HttpRequest, pk: int) -> HttpResponse:
    """First shows what the file holds, then takes its good rows in."""
    campaign = get_object_or_404(Campaign.objects.filter(state=CampaignState.RUNNING), pk=pk)
    context = {"campaign": campaign}
    if request.method == "GET":
        return render(request, "training/import.html", context)
    try:
        text = _text(request)
        found = read_actions(text)
    except BadFile as error:
        return render(request, "training/import.html", context | {"error": str(error)})
    if "confirmed" in request.POST and found.actions:
        return _take(request, campaign, found)
    context |= {
        "text": text,
        "found": found,
        "shown": found.actions[:SHOWN],
        "errors": found.errors[:SHOWN],
    }
    return render(request, "training/import.html", context)


def _text(request: HttpRequest) -> str:
    sent = request.FILES.get("file")
    if sent is None:
        text = request.POST.get("text", "")
    elif sent.size > LARGEST:
        raise BadFile(f"The file has more than {LARGEST:,} bytes. Split it.")
    else:
        text = _decoded(sent.read())
    if not text.strip():
        raise BadFile("Choose a file that is not empty.")
    return text


def _decoded(raw: bytes) -> str:
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BadFile("The file is not UTF-8. Save it as “CSV UTF-8”.") from None


def _take(request: HttpRequest, campaign: Campaign, found: ReadActions) -> HttpResponse:
    taken = take_actions(campaign=campaign, actions=found.actions, door=Door.CSV)
    counts = {"new": taken.new, "known": taken.known, "enrolments": taken.enrolled}
    audit.record(
        account=campaign.account, kind="ACTIONS_IMPORTED", subject=campaign.name, after=counts
    )
    messages.success(
        request,
        f"{taken.new} actions are new, {taken.known} were known; {taken.enrolled} enrolments were"
        f" made, {taken.withdrawn} withdrawn. {len(found.errors)} rows were left out.",
    )
    return redirect("training:campaign", pk=campaign.pk)
