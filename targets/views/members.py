from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from accounts.access import administrator_required
from accounts.lists import ChoiceRefused, chosen_rows
from groups.filters import MemberFilter
from groups.models import Group
from targets import services
from targets.models import GroupMembership

ACTIONS = {"activate": True, "deactivate": False}


@administrator_required
@require_POST
def members(request: HttpRequest, pk: int) -> HttpResponse:
    """Switch the ticked people of a group on or off in it, or all that match the filter."""
    group = get_object_or_404(Group.objects.all(), pk=pk)
    action = request.POST.get("action", "")
    people = GroupMembership.objects.filter(group=group)
    if action not in ACTIONS:
        messages.error(request, "Nothing was changed: choose an action first.")
    else:
        _switch(request, MemberFilter(request.GET, queryset=people), is_active=ACTIONS[action])
    back = reverse("groups:detail", args=[pk])
    return redirect(f"{back}?{request.GET.urlencode()}".rstrip("?"))


def _switch(request: HttpRequest, every: MemberFilter, *, is_active: bool) -> None:
    try:
        chosen = chosen_rows(request, every, ticks="member", noun="person")
    except ChoiceRefused as refused:
        messages.error(request, str(refused))
        return
    total = chosen.count()
    changed = services.set_memberships(memberships=chosen, is_active=is_active)
    messages.success(request, _sentence(is_active, changed, total - changed))


def _sentence(is_active: bool, changed: int, kept: int) -> str:
    state = "active" if is_active else "inactive"
    people = "1 person is" if changed == 1 else f"{changed:,} people are"
    sentence = f"{people} now {state} in this group."
    return f"{sentence} {kept:,} already were." if kept else sentence
