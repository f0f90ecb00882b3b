from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import audit
from accounts.access import administrator_required, fresh_log_in_required, member_required
from accounts.csv_export import csv_response
from accounts.lists import Column, headings, in_order, order_asked, page_of
from integrations.models import Course
from training.filters import CampaignFilter
from training.forms import CampaignForm, initial_of
from training.models import Campaign, CampaignState, State, is_remediated
from training.services.campaigns import (
    NotStartable,
    end_campaign,
    reach_of,
    renew_hook_secret,
    save_campaign,
    start_campaign,
)
from training.services.failures import number_of_people
from training.services.replacing import CANT_BE_ASSIGNED, unassignable_in_use
from training.services.taking_back import of_bots

PAGE, ACTIONS_SHOWN = 50, 20
NEWEST = "-made"
COLUMNS = (
    Column("Name", "name", ("name",)),
    Column("State", "state", ("state", "name")),
    Column("People who failed", "failed", ("failed",)),
    Column("Enrolments", "enrolled", ("enrolled",)),
    Column("Completed", "done", ("done",)),
    Column("Made", "made", ("id",)),
)
EXPORTED = (
    "Name",
    "State",
    "People who failed",
    "Enrolments",
    "Completed",
    "Made",
    "Started",
    "Ended",
)


@member_required
@require_safe
def campaign_list(request: HttpRequest) -> HttpResponse:
    chosen, found = _listed(request)
    page = page_of(request, found, size=PAGE)
    context = {
        "filter": chosen,
        "page": page,
        "headings": headings(COLUMNS, order_asked(request, COLUMNS, NEWEST)),
        "has_campaigns": bool(page.object_list) or Campaign.objects.filter().exists(),
        "has_courses": Course.objects.filter().exists(),
        "unassignable": unassignable_in_use(),
    }
    return render(request, "training/campaigns.html", context)


@member_required
@require_safe
def export(request: HttpRequest) -> HttpResponse:
    _chosen, found = _listed(request)
    audit.record(account=request.account, kind="EXPORTED", subject="campaigns.csv")
    return csv_response("campaigns.csv", EXPORTED, (_cells(row) for row in found.iterator()))


def _listed(request: HttpRequest) -> tuple[CampaignFilter, QuerySet[Campaign]]:
    rows = Campaign.objects.annotate(
        failed=number_of_people(Campaign.objects.only("failing")),
        enrolled=Count("enrollments", distinct=True),
        done=Count("enrollments", filter=is_remediated("enrollments__"), distinct=True),
    )
    chosen = CampaignFilter(request.GET, queryset=rows)
    return chosen, in_order(chosen.qs, COLUMNS, order_asked(request, COLUMNS, NEWEST))


def _cells(row: Any) -> tuple[object, ...]:
    moments = (row.created_at, row.started_at, row.ended_at)
    told = (at.isoformat(timespec="seconds") if at else "" for at in moments)
    return row.name, row.get_state_display(), row.failed, row.enrolled, row.done, *told


@administrator_required
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """A new one without `pk`. What has ended stays as it is."""
    campaign = Campaign(account=request.account)
    if pk is not None:
        open_ones = Campaign.objects.exclude(state=CampaignState.ENDED)
        campaign = get_object_or_404(open_ones, pk=pk)
    form = CampaignForm(request.POST or None, campaign=campaign, initial=initial_of(campaign))
    if form.is_valid():
        save_campaign(campaign, dict(form.cleaned_data))
        messages.success(request, f"The campaign {campaign.name} is saved.")
        return redirect("training:campaign", pk=campaign.pk)
    return render(request, "training/campaign_form.html", {"form": form, "campaign": campaign})


@member_required
@require_safe
def campaign(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Campaign.objects.all(), pk=pk)
    return _page(request, found)


def _page(request: HttpRequest, found: Campaign, secret: str = "") -> HttpResponse:
    states = dict(found.enrollments.values_list("state").annotate(Count("pk")))
    context = {
        "campaign": found,
        "groups": found.groups.order_by("name_key"),
        "courses": found.courses.select_related("connection").order_by("name"),
        "missing_courses": found.courses.filter(CANT_BE_ASSIGNED).order_by("name"),
        "failing": _failing(found),
        "reach": reach_of(found) if found.state != CampaignState.ENDED else None,
        "states": [(State(key), number) for key, number in states.items()],
        "actions": found.actions.select_related("target").order_by("-pk")[:ACTIONS_SHOWN],
        "strangers": found.actions.filter(target=None).count(),
        "hook": request.build_absolute_uri(reverse("training:gophish", args=[found.hook_id])),
        "secret": secret,
        "bots": of_bots().filter(campaign=found).count(),
        "waiting": states.get(State.WAITING, 0),
    }
    return render(request, "training/campaign.html", context)


def _failing(found: Campaign) -> list[str]:
    labels = dict(CampaignForm.base_fields["failing"].choices)
    return [labels[kind] for kind in found.failing if kind in labels]


@administrator_required
@require_POST
def start(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Campaign.objects.all(), pk=pk)
    try:
        start_campaign(campaign=found)
        messages.success(request, f"{found.name} is running: who fails now is enrolled.")
    except NotStartable:
        messages.error(request, f"{found.name} was not started: it runs or has ended already.")
    return redirect("training:campaign", pk=pk)


@administrator_required
@require_POST
def end(request: HttpRequest, pk: int) -> HttpResponse:
    """First asks: a campaign that has ended can't be started again."""
    found = get_object_or_404(Campaign.objects.all(), pk=pk)
    withdraws = "withdraw" in request.POST
    if found.is_running and "confirmed" not in request.POST:
        waiting = found.enrollments.filter(state=State.WAITING, asked_at=None).count()
        context = {"campaign": found, "withdraws": withdraws, "waiting": waiting}
        return render(request, "training/end.html", context)
    try:
        withdrawn = end_campaign(campaign=found, withdraws=withdraws)
        told = f" {withdrawn} waiting enrolments were withdrawn." if withdrawn else ""
        messages.success(request, f"{found.name} has ended.{told}")
    except NotStartable:
        messages.error(request, f"{found.name} is not running.")
    return redirect("training:campaign", pk=pk)


@administrator_required
@require_POST
def secret(request: HttpRequest, pk: int) -> HttpResponse:
    return _with_new_secret(request, get_object_or_404(Campaign.objects.all(), pk=pk))


@fresh_log_in_required
def _with_new_secret(request: HttpRequest, found: Campaign) -> HttpResponse:
    """The one page that ever shows the secret."""
    return _page(request, found, renew_hook_secret(campaign=found))
