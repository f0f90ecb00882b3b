"""One action on the ticked targets, or on all that match the filter in the address."""

from __future__ import annotations

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from accounts.access import administrator_required
from accounts.lists import ChoiceRefused, chosen_rows
from targets import services
from targets.filters import TargetFilter
from targets.models import Target

ACTIONS = {"ON": True, "OFF": False}
NAMES_SHOWN = 20


@administrator_required
@require_POST
def bulk(request: HttpRequest) -> HttpResponse:
    action = request.POST.get("action", "")
    every = TargetFilter(request.GET, queryset=Target.objects.all(), request=request)
    if action not in ACTIONS:
        messages.error(request, "Nothing was changed: choose an action first.")
        return _back(request)
    try:
        chosen = chosen_rows(request, every, ticks="target", noun="person")
    except ChoiceRefused as refused:
        messages.error(request, str(refused))
        return _back(request)
    if action == "OFF" and "confirmed" not in request.POST:
        return _ask(request, chosen)
    _switch(request, chosen, is_active=ACTIONS[action])
    return _back(request)


def _back(request: HttpRequest) -> HttpResponse:
    return redirect(f"{reverse('targets:list')}?{request.GET.urlencode()}".rstrip("?"))


def _ask(request: HttpRequest, chosen: QuerySet[Target]) -> HttpResponse:
    total, is_all = chosen.count(), "all" in request.POST
    context = {
        "is_all": is_all,
        "shown": list(chosen.order_by("name", "pk")[:NAMES_SHOWN]),
        "total": total,
        "more": max(total - NAMES_SHOWN, 0),
        "ticked": [] if is_all else chosen.values_list("pk", flat=True),
    }
    return render(request, "targets/switch_off.html", context)


def _switch(request: HttpRequest, chosen: QuerySet[Target], *, is_active: bool) -> None:
    total = chosen.count()
    changed = services.set_each_active(targets=chosen, is_active=is_active)
    people = "1 person is" if changed == 1 else f"{changed:,} people are"
    told = f"{people} switched {'on' if is_active else 'off'} now."
    kept = f" {total - changed:,} already were." if total > changed else ""
    level = messages.SUCCESS if changed else messages.WARNING
    messages.add_message(request, level, told + kept)
