"""Everything that came in for one campaign."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from accounts import audit
from accounts.access import member_required
from accounts.csv_export import csv_response
from accounts.lists import Column, headings, in_order, order_asked, page_of
from training.filters import ActionFilter
from training.models import Action, Campaign
from training.services.failures import outsiders

PAGE = 50
NEWEST = "-when"
COLUMNS = (
    Column("Person", "person", ("email",)),
    Column("Action", "action", ("kind",)),
    Column("When", "when", ("happened_at",)),
    Column("Told by", "door", ("door",)),
)
EXPORTED = ("Person", "E-mail", "Target", "Action", "Bot", "When", "Told by", "Came in")


@member_required
@require_safe
def action_list(request: HttpRequest, pk: int) -> HttpResponse:
    campaign = get_object_or_404(Campaign.objects.all(), pk=pk)
    rows = campaign.actions.select_related("target", "campaign")
    chosen = ActionFilter(request.GET, queryset=rows, request=request)
    asked = order_asked(request, COLUMNS, NEWEST)
    page = page_of(request, in_order(chosen.qs, COLUMNS, asked), size=PAGE)
    context = {
        "campaign": campaign,
        "filter": chosen,
        "page": page,
        "headings": headings(COLUMNS, asked),
        "outside": outsiders(page.object_list),
        "has_actions": bool(page.object_list) or campaign.actions.exists(),
    }
    return render(request, "training/actions.html", context)


@member_required
@require_safe
def export(request: HttpRequest, pk: int) -> HttpResponse:
    campaign = get_object_or_404(Campaign.objects.all(), pk=pk)
    rows = campaign.actions.select_related("target")
    chosen = ActionFilter(request.GET, queryset=rows, request=request)
    found = in_order(chosen.qs, COLUMNS, order_asked(request, COLUMNS, NEWEST))
    filename = f"campaign-{campaign.pk}-actions.csv"
    audit.record(account=request.account, kind="EXPORTED", subject=filename)
    return csv_response(filename, EXPORTED, (_cells(row) for row in found.iterator()))


def _cells(row: Action) -> tuple[object, ...]:
    return (
        row.target.name if row.target else "",
        row.email,
        "Yes" if row.target else "No",
        row.get_kind_display(),
        "Yes" if row.is_bot else "No",
        row.happened_at.isoformat(timespec="seconds"),
        row.get_door_display(),
        row.created_at.isoformat(timespec="seconds"),
    )
