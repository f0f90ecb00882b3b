from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts import audit, limits
from accounts.access import administrator_required, member_required
from accounts.csv_export import csv_response
from accounts.keyset import keyset_page
from accounts.lists import Column, headings, sorted_by
from targets import services
from targets.filters import TargetFilter
from targets.models import Target
from targets.selectors import (
    FIELDS,
    memberships_of,
    number_of_targets,
    values_of,
    with_group_counts,
)
from targets.wording import states_of

PAGE = 100
COLUMNS = (
    Column("Name", "name", ("name",)),
    Column("E-mail", "email", ("email_key",)),
    Column("State"),
    Column("Groups"),
    Column("Source"),
)


@member_required
@require_safe
def target_list(request: HttpRequest) -> HttpResponse:
    targets = Target.objects.all()
    chosen = TargetFilter(request.GET, queryset=targets, request=request)
    asked = request.GET.get("sort", "")
    column, is_descending = sorted_by(COLUMNS, asked)
    page = keyset_page(
        chosen.qs,
        by=column.fields[0],
        is_descending=is_descending,
        after=request.GET.get("after", ""),
        size=PAGE,
        total=None if chosen.form.has_changed() else number_of_targets(),
    )
    rows = with_group_counts(page.rows)
    context = {
        "filter": chosen,
        "page": page,
        "rows": rows,
        "headings": headings(COLUMNS, asked),
        "has_targets": bool(rows) or targets.filter().exists(),
    }
    return render(request, "targets/list.html", context)


@member_required
@require_safe
def target_detail(request: HttpRequest, pk: int) -> HttpResponse:
    target = get_object_or_404(Target.objects.all(), pk=pk)
    memberships = list(memberships_of(target))
    context = {
        "target": target,
        "values": values_of(target),
        "memberships": memberships,
        "states": states_of(target, memberships),
        "is_active": target.is_active and any(each.is_active for each in memberships),
        "links": target.links.select_related("connection").order_by("pk"),
    }
    return render(request, "targets/detail.html", context)


@administrator_required
@require_POST
def switch(request: HttpRequest, pk: int) -> HttpResponse:
    target = get_object_or_404(Target.objects.all(), pk=pk)
    is_active = request.POST.get("is_active") == "on"
    services.set_active(target=target, is_active=is_active)
    told = "on again in the active groups" if is_active else "off in every group"
    messages.success(request, f"{target} is switched {told}.")
    return redirect("targets:detail", pk=pk)


@member_required
@require_safe
def export(request: HttpRequest) -> HttpResponse:
    """Whom the filter shows, with all their fields."""
    if limits.is_used_up(request, "export"):
        return limits.refused(request)
    chosen = TargetFilter(request.GET, queryset=Target.objects.all(), request=request)
    names = ["id", *FIELDS, "source", "is_active", "is_reachable"]
    heading = ["Id", *FIELDS.values(), "Source", "Switched on", "Can be reached"]
    rows = chosen.qs.order_by("pk").values_list(*names)
    asked = {name: value for name, value in request.GET.items() if value}
    audit.record(account=request.account, kind="EXPORTED", subject="targets.csv", after=asked)
    return csv_response("targets.csv", heading, rows.iterator(chunk_size=2000))
