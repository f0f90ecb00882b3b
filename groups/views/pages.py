from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import administrator_required, member_required
from accounts.keyset import keyset_page
from groups import services
from groups.filters import MemberFilter
from groups.forms import GroupNameForm, SwitchesForm
from groups.models import Group

PAGE = 100


@member_required
@require_safe
def group_detail(request: HttpRequest, pk: int) -> HttpResponse:
    group = get_object_or_404(Group.objects.all(), pk=pk)
    # With the target's account, the order of names can be read from its index.
    people = group.memberships.select_related("target").filter(target__account=request.account)
    chosen = MemberFilter(request.GET, queryset=people)
    after = request.GET.get("after", "")
    is_editable = request.membership.is_administrator
    context = {
        "group": group,
        "filter": chosen,
        "page": keyset_page(chosen.qs, by="target__name", after=after, size=PAGE),
        "switches": SwitchesForm(instance=group, is_editable=is_editable),
        "is_editable": is_editable,
    }
    return render(request, "groups/detail.html", context)


@administrator_required
@require_POST
def switches(request: HttpRequest, pk: int) -> HttpResponse:
    group = get_object_or_404(Group.objects.all(), pk=pk)
    form = SwitchesForm(request.POST, instance=group, is_editable=True)
    if form.is_valid():
        services.set_switches(group=group, **form.cleaned_data)
        messages.success(request, f"The settings of {group.name} are saved.")
    return redirect("groups:detail", pk=pk)


@administrator_required
@require_http_methods(["GET", "POST"])
def create(request: HttpRequest) -> HttpResponse:
    form = GroupNameForm(request.POST or None, account=request.account)
    if form.is_valid():
        try:
            group = services.create_group(account=request.account, **form.cleaned_data)
        except services.NameTaken:
            form.refuse_taken_name()
        else:
            messages.success(request, f"The group {group.name} is there.")
            return redirect("groups:detail", pk=group.pk)
    return render(request, "groups/name.html", {"form": form})


@administrator_required
@require_http_methods(["GET", "POST"])
def rename(request: HttpRequest, pk: int) -> HttpResponse:
    """Only a group made by hand: the name of the others is their source's."""
    group = get_object_or_404(Group.objects.filter(source=""), pk=pk)
    form = GroupNameForm(
        request.POST or None,
        account=request.account,
        group=group,
        initial={"name": group.name},
    )
    if form.is_valid():
        try:
            services.rename_group(group=group, **form.cleaned_data)
        except services.NameTaken:
            form.refuse_taken_name()
        else:
            messages.success(request, f"The group is now called {group.name}.")
            return redirect("groups:detail", pk=pk)
    return render(request, "groups/name.html", {"form": form, "group": group})
