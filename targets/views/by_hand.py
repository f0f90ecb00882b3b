"""A target added, changed, or put into groups by hand."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.views.decorators.http import require_http_methods

from accounts.access import administrator_required
from groups.sources import source_label
from targets import by_hand
from targets.forms import JoinForm, TargetForm
from targets.models import Target

ERASED = "Somebody of this address was erased. Let them come back first, under Erased people."
NO_SEAT = (
    "All seats of the account are taken. Switch somebody off, or add the person without a group."
)


@administrator_required
@require_http_methods(["GET", "POST"])
def add(request: HttpRequest) -> HttpResponse:
    form = TargetForm(request.POST or None)
    if form.is_valid():
        groups = form.cleaned_data["groups"]
        try:
            made = by_hand.add_target(account=request.account, values=form.values, groups=groups)
        except by_hand.NoSeat:
            form.add_error("groups", NO_SEAT)
        except (by_hand.AddressTaken, by_hand.WasErased) as error:
            _refuse(form, error)
        else:
            messages.success(request, f"{made} is a target now.")
            return redirect("targets:detail", pk=made.pk)
    return render(request, "targets/form.html", {"form": form})


@administrator_required
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """What a source fills is shown, and stays."""
    target = get_object_or_404(Target.objects.select_related("account"), pk=pk)
    source = source_label(target.source) if target.source else ""
    form = TargetForm(request.POST or None, target=target, source=source)
    if not source and form.is_valid():
        try:
            by_hand.edit_target(target=target, values=form.values)
        except (by_hand.AddressTaken, by_hand.WasErased) as error:
            _refuse(form, error)
        else:
            messages.success(request, f"{target} is saved.")
            return redirect("targets:detail", pk=pk)
    context = {"form": form, "target": target, "source": source}
    return render(request, "targets/form.html", context)


@administrator_required
@require_http_methods(["GET", "POST"])
def join(request: HttpRequest, pk: int) -> HttpResponse:
    target = get_object_or_404(Target.objects.select_related("account"), pk=pk)
    form = JoinForm(request.POST or None, target=target)
    if form.is_valid():
        try:
            names = by_hand.put_into_groups(target=target, groups=form.cleaned_data["groups"])
        except by_hand.NoSeat:
            form.add_error("groups", NO_SEAT)
        else:
            messages.success(request, f"{target} is in {', '.join(names)} now.")
            return redirect("targets:detail", pk=pk)
    return render(request, "targets/join.html", {"form": form, "target": target})


def _refuse(form: TargetForm, error: Exception) -> None:
    if isinstance(error, by_hand.AddressTaken):
        address = reverse("targets:detail", args=[error.target.pk])
        told = format_html('<a href="{}">{}</a> has this address.', address, error.target)
        form.add_error("email", told)
    else:
        form.add_error("email", ERASED)
