from __future__ import annotations

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from accounts import audit
from accounts.access import administrator_required, member_required
from accounts.csv_export import csv_response
from accounts.lists import ChoiceRefused, Column, chosen_rows, headings, in_order, page_of
from groups import services
from groups.filters import GroupFilter
from groups.models import Group
from groups.services import BulkAction
from groups.sources import source_label
from groups.wording import changed_sentence

PAGE = 50
NAMES_SHOWN = 100
COLUMNS = (
    Column("Name", "name", ("name_key",)),
    Column("People", "people", ("people", "name_key")),
    Column("Source", "source", ("source", "name_key")),
    Column("Switches"),
    Column("LMS"),
    Column("Last sync", "synced", ("last_synced_at", "name_key"), is_nullable=True),
)
EXPORTED = ("Name", "People", "Source", "Auto-Sync", "Smart-Sync", "Lock", "Archived", "Last sync")


@member_required
@require_safe
def group_list(request: HttpRequest) -> HttpResponse:
    chosen = GroupFilter(request.GET, queryset=Group.objects.all())
    asked = request.GET.get("sort", "")
    page = page_of(request, in_order(chosen.qs, COLUMNS, asked), size=PAGE)
    context = {
        "filter": chosen,
        "page": page,
        "headings": headings(COLUMNS, asked),
        "actions": BulkAction.choices,
        "has_groups": bool(page.object_list) or Group.objects.filter().exists(),
    }
    return render(request, "groups/list.html", context)


@member_required
@require_safe
def export(request: HttpRequest) -> HttpResponse:
    chosen = GroupFilter(request.GET, queryset=Group.objects.all())
    groups = in_order(chosen.qs, COLUMNS, request.GET.get("sort", ""))
    audit.record(account=request.account, kind="EXPORTED", subject="groups.csv")
    return csv_response("groups.csv", EXPORTED, (_cells(group) for group in groups.iterator()))


def _cells(group: Group) -> tuple[object, ...]:
    switches = (group.auto_sync, group.smart_sync, group.locked, group.is_archived)
    return (
        group.name,
        group.people,
        source_label(group.source),
        *("yes" if switch else "no" for switch in switches),
        group.last_synced_at.isoformat(timespec="seconds") if group.last_synced_at else "",
    )


@administrator_required
@require_POST
def bulk(request: HttpRequest) -> HttpResponse:
    """The chosen action on the ticked groups, or on all that match the filter in the address."""
    action = request.POST.get("action")
    every = GroupFilter(request.GET, queryset=Group.objects.all())
    if action not in BulkAction.values:
        messages.error(request, "Nothing was changed: choose an action first.")
        return _back(request)
    try:
        chosen = chosen_rows(request, every, ticks="group", noun="group")
    except ChoiceRefused as refused:
        messages.error(request, str(refused))
        return _back(request)
    if action == BulkAction.ARCHIVE and "confirmed" not in request.POST:
        return _ask(request, chosen)
    changed = services.change_groups(groups=chosen, action=BulkAction(action))
    level = messages.SUCCESS if changed.count else messages.WARNING
    messages.add_message(request, level, changed_sentence(BulkAction(action), changed))
    return _back(request)


def _back(request: HttpRequest) -> HttpResponse:
    return redirect(f"{reverse('groups:list')}?{request.GET.urlencode()}".rstrip("?"))


def _ask(request: HttpRequest, chosen: QuerySet[Group]) -> HttpResponse:
    total = chosen.count()
    shown = list(chosen.order_by("name_key")[:NAMES_SHOWN])
    context = {
        "groups": shown,
        "total": total,
        "more": total - len(shown),
        "is_all": "all" in request.POST,
    }
    return render(request, "groups/archive.html", context)
