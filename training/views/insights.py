"""Remediation over time, of everybody, a campaign or a group."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts import audit
from accounts.access import member_required
from accounts.csv_export import csv_response
from training.forms import InsightsForm
from training.models import Action
from training.services.insights import Scope, charts_of, compared, totals_of

BY_CAMPAIGN, BY_GROUP = "campaign__name", "target__memberships__group__name"
HEADER = ("By", "Name", "People", "Enrolments", "Completed", "Overdue", "Completed in %")


def _scope(request: HttpRequest) -> tuple[InsightsForm, Scope]:
    form = InsightsForm(request.GET)
    return form, Scope(account=request.account, **form.chosen())


@member_required
@require_safe
def insights(request: HttpRequest) -> HttpResponse:
    form, scope = _scope(request)
    context = {
        "form": form,
        "scope": scope,
        "totals": totals_of(scope),
        "charts": charts_of(scope),
        "tables": [
            ("Campaign", compared(scope, BY_CAMPAIGN)),
            ("Group", compared(scope, BY_GROUP)),
        ],
        "has_actions": Action.objects.exists(),
    }
    return render(request, "training/insights.html", context)


@member_required
@require_safe
def export(request: HttpRequest) -> HttpResponse:
    _, scope = _scope(request)
    audit.record(account=request.account, kind="EXPORTED", subject="remediation.csv")
    rows = [
        (label, one.name, one.people, one.enrolled, one.completed, one.overdue, one.share)
        for label, by in (("Campaign", BY_CAMPAIGN), ("Group", BY_GROUP))
        for one in compared(scope, by)
    ]
    return csv_response("remediation.csv", HEADER, rows)
