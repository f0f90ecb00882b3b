"""Withdraw, ask again, mark as completed: one enrolment, or many of the list."""

from __future__ import annotations

from django.contrib import messages
from django.db import models
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from accounts.access import administrator_required
from accounts.lists import ChoiceRefused, chosen_rows, ids_in
from integrations.contract.errors import IntegrationError
from integrations.wording import error_sentence
from training.filters import EnrollmentFilter
from training.models import Campaign, Enrollment
from training.sentences import reason_sentence
from training.services import by_hand
from training.services.taking_back import Withdrawn, of_bots

SHOWN = 50


class BulkChange(models.TextChoices):
    WITHDRAW = "WITHDRAW", "Withdraw"
    ASK_AGAIN = "ASK_AGAIN", "Ask again"
    MARK_DONE = "MARK_DONE", "Mark as completed"


AGAIN_TOLD, DONE_TOLD = "The LMS is asked again within a minute", "Marked as completed"
NOTHING = "Nothing was changed"


@administrator_required
@require_POST
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(
        Enrollment.objects.select_related("course", "connection", "account"), pk=pk
    )
    if "confirmed" not in request.POST:
        here = reverse("training:withdraw_enrollment", args=[pk])
        back = reverse("training:enrollment", args=[pk])
        return _ask(request, Enrollment.objects.filter(pk=pk), here, back)
    try:
        _tell_withdrawn(request, by_hand.withdraw(row))
    except by_hand.NotNow as error:
        messages.error(request, f"{NOTHING}. {reason_sentence(error.reason)}")
    except IntegrationError as error:
        sentence = " ".join(error_sentence(error.code, error.detail, "The LMS"))
        messages.error(request, f"{NOTHING}. {sentence}")
    return redirect("training:enrollment", pk=pk)


@administrator_required
@require_POST
def ask_again(request: HttpRequest, pk: int) -> HttpResponse:
    get_object_or_404(Enrollment.objects.all(), pk=pk)
    done = by_hand.ask_again(rows=Enrollment.objects.filter(pk=pk))
    _tell(request, AGAIN_TOLD, done)
    return redirect("training:enrollment", pk=pk)


@administrator_required
@require_POST
def mark_done(request: HttpRequest, pk: int) -> HttpResponse:
    get_object_or_404(Enrollment.objects.all(), pk=pk)
    done = by_hand.mark_done(rows=Enrollment.objects.filter(pk=pk))
    _tell(request, DONE_TOLD, done)
    return redirect("training:enrollment", pk=pk)


@administrator_required
@require_POST
def bulk(request: HttpRequest) -> HttpResponse:
    """The chosen action on the ticked rows, or on all that match the filter in the address."""
    action = request.POST.get("action")
    every = EnrollmentFilter(request.GET, queryset=Enrollment.objects.all(), request=request)
    if action not in BulkChange.values:
        messages.error(request, f"{NOTHING}: choose an action first.")
        return _back(request)
    try:
        chosen = chosen_rows(request, every, ticks="enrollment", noun="enrolment")
    except ChoiceRefused as refused:
        messages.error(request, str(refused))
        return _back(request)
    if action == BulkChange.WITHDRAW and "confirmed" not in request.POST:
        asked = f"?{request.GET.urlencode()}".rstrip("?")
        here, back = reverse("training:change_enrollments"), reverse("training:enrollments")
        return _ask(request, chosen, f"{here}{asked}", f"{back}{asked}")
    if action == BulkChange.WITHDRAW:
        found = by_hand.withdraw_all(account=request.account, rows=chosen)
        _tell_withdrawn(request, found)
    elif action == BulkChange.ASK_AGAIN:
        _tell(request, AGAIN_TOLD, by_hand.ask_again(rows=chosen))
    else:
        _tell(request, DONE_TOLD, by_hand.mark_done(rows=chosen))
    return _back(request)


def _back(request: HttpRequest) -> HttpResponse:
    return redirect(f"{reverse('training:enrollments')}?{request.GET.urlencode()}".rstrip("?"))


@administrator_required
@require_POST
def withdraw_bots(request: HttpRequest, pk: int) -> HttpResponse:
    """What a campaign had assigned because of actions that turned out to be bots'."""
    campaign = get_object_or_404(Campaign.objects.all(), pk=pk)
    rows = of_bots().filter(campaign=campaign)
    if request.POST.get("seen") != str(rows.count()):
        messages.error(request, f"{NOTHING}: the number is another now. Look again, then withdraw.")
        return redirect("training:campaign", pk=pk)
    if "confirmed" not in request.POST:
        here = reverse("training:withdraw_bots", args=[pk])
        return _ask(request, rows, here, reverse("training:campaign", args=[pk]))
    found = by_hand.withdraw_all(account=request.account, rows=rows, reason="bot")
    _tell_withdrawn(request, found)
    return redirect("training:campaign", pk=pk)


def _ask(
    request: HttpRequest, chosen: QuerySet[Enrollment], address: str, back: str
) -> HttpResponse:
    total = chosen.count()
    shown = list(chosen.select_related("target", "course").order_by("-pk")[:SHOWN])
    context = {
        "rows": shown,
        "total": total,
        "more": total - len(shown),
        "ticked": ids_in(request.POST.getlist("enrollment")),
        "address": address,
        "back": back,
        "is_all": "all" in request.POST,
    }
    return render(request, "training/withdraw.html", context)


def _tell(request: HttpRequest, told: str, done: by_hand.Done) -> None:
    left = " ".join(f"{number} left: {reason_sentence(code)}" for code, number in done.left.items())
    if done.changed:
        messages.success(request, f"{told} ({done.changed}). {left}".strip())
    else:
        messages.error(request, f"{NOTHING}. {left}".strip())


def _tell_withdrawn(request: HttpRequest, found: Withdrawn) -> None:
    if found.at_once:
        messages.success(request, f"Withdrawn: {found.at_once}.")
    if found.at_lms:
        messages.success(request, f"The LMS is asked to take back {found.at_lms} within minutes.")
    if not found.total:
        messages.error(request, f"{NOTHING}: none of them is open.")
