"""Held changes: the list, and what somebody decides."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from accounts.access import administrator_required, fresh_log_in_required
from accounts.lists import ChoiceRefused, check_filter, ids_in
from integrations import mail, selectors, services, wording
from integrations.models import Change, Status, SyncRun
from integrations.run_forms import DecisionForm, HeldFilterForm
from integrations.views.finding import go, provider_or_404, run_or_404
from integrations.views.run_page import RunPage

ROWS = 100
REFUSED = {
    "NOT_HELD": "Nothing is held any more in this sync.",
    "TOO_OLD": "These changes were held for 7 days. Run Sync again to see what is held now.",
    "REPLACED": "A newer sync has replaced this plan. Decide on the newest one.",
    "RUN_OPEN": "A sync is open, and its plan replaces this one. Wait until it has ended.",
    "OTHER_PLAN": "The plan has changed since you looked at it. Look again, then decide.",
    "OTHER_ROWS": "Other changes are held now than when you looked. Look again, then decide.",
    "NOTHING_CHOSEN": "Tick at least one change first.",
}


@administrator_required
@require_http_methods(["GET", "POST"])
def held(request: HttpRequest, provider: str, pk: int) -> HttpResponse:
    shown = run_or_404(provider, pk)
    form = DecisionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        return _decide(request, shown, form)
    return render(request, "integrations/held.html", _context(request, shown, form))


@fresh_log_in_required
def _decide(request: HttpRequest, run: SyncRun, form: DecisionForm) -> HttpResponse:
    chosen = form.cleaned_data
    here = reverse("integrations:held", args=[run.connection.provider, run.pk])
    try:
        rows, seen = _chosen(request, run)
        decision = services.decide(
            run=run,
            user=request.user,
            rows=rows,
            seen=seen,
            plan_hash=chosen["plan_hash"],
            is_approval=chosen["decision"] == "approve",
            reason=chosen["reason"],
        )
    except services.DecisionRefused as refused:
        messages.error(request, REFUSED[refused.code])
        return go(request, here)
    except ChoiceRefused as refused:
        messages.error(request, str(refused))
        return go(request, here)
    mail.send_changes_decided(decision)
    messages.success(request, wording.decision_sentence(decision))
    run.refresh_from_db()
    name = "held" if run.status == Status.HELD else "run"
    return go(request, reverse(f"integrations:{name}", args=[run.connection.provider, run.pk]))


def _chosen(request: HttpRequest, run: SyncRun) -> tuple[QuerySet[Change], str]:
    """The ticked rows, or all that match the filter that the form was sent with, and the digest of those
    that the person saw. Raises ChoiceRefused."""
    if "all" in request.POST:
        form = HeldFilterForm(request.POST, run=run)
        check_filter(form)
        return selectors.held_rows(run, form.filters()), request.POST.get("seen", "")
    ticked = ids_in(request.POST.getlist("row"))
    return Change.objects.filter(run=run, pk__in=ticked), services.digest_of(ticked)


def _context(request: HttpRequest, run: SyncRun, form: DecisionForm) -> dict[str, Any]:
    provider = provider_or_404(run.connection.provider)
    sent = request.POST if request.method == "POST" else request.GET
    filters = HeldFilterForm(sent, run=run)
    after = next(iter(ids_in([request.GET.get("after", "")])), 0)
    found = selectors.page_of_held(selectors.held_rows(run, filters.filters()), after, ROWS)
    names = selectors.group_names(found.page, run)
    ids = found.rows.values_list("pk", flat=True)
    return {
        "provider": provider,
        "shown": RunPage(run, provider.label),
        "held": services.Held.of(run),
        "refused": REFUSED,
        "form": form,
        "filters": filters,
        "is_filtered": any(sent.get(name) for name in filters.fields),
        "found": found,
        "total": len(ids),
        "seen": services.digest_of(ids),
        "weighed": selectors.hold_figures(run),
        "lines": [wording.held_line(row, names, provider.label) for row in found.page],
        "ticked": set(ids_in(request.POST.getlist("row"))),
    }
