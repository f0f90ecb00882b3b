from __future__ import annotations

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from accounts.access import administrator_required
from accounts.lists import ChoiceRefused, chosen_rows
from groups.filters import GroupFilter
from groups.models import Group
from groups.sources import source_label
from integrations.models import Connection
from training.services.lms import enrolling_connections, set_lms

NAMES_SHOWN = 100
DEFAULT, NONE = "default", "none"


@administrator_required
@require_POST
def choose(request: HttpRequest) -> HttpResponse:
    """First asks which LMS the ticked groups are to have, then sets it."""
    every = GroupFilter(request.GET, queryset=Group.objects.all())
    able = {str(one.pk): one for one in enrolling_connections()}
    lms = request.POST.get("lms", "")
    try:
        groups = chosen_rows(request, every, ticks="group", noun="group")
    except ChoiceRefused as refused:
        messages.error(request, str(refused))
        return _back(request)
    if lms not in (DEFAULT, NONE) and lms not in able:
        return _ask(request, groups, able)
    number = set_lms(
        account=request.account, groups=groups, connection=able.get(lms), is_own=lms != DEFAULT
    )
    messages.success(request, f"The LMS of {number} group{'s' * (number != 1)} is set.")
    return _back(request)


def _back(request: HttpRequest) -> HttpResponse:
    return redirect(f"{reverse('groups:list')}?{request.GET.urlencode()}".rstrip("?"))


def _ask(
    request: HttpRequest, groups: QuerySet[Group], able: dict[str, Connection]
) -> HttpResponse:
    total = groups.count()
    shown = list(groups.order_by("name_key")[:NAMES_SHOWN])
    context = {
        "groups": shown,
        "total": total,
        "more": total - len(shown),
        "is_all": "all" in request.POST,
        "choices": [(key, source_label(one.provider)) for key, one in able.items()],
    }
    return render(request, "training/lms.html", context)
