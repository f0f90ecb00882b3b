"""The audit log of the account, as a page and as a CSV file."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, time, timedelta

from django import forms
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.timezone import localtime, make_aware
from django.views.decorators.http import require_safe

from accounts import audit
from accounts.access import administrator_required
from accounts.csv_export import csv_response
from accounts.lists import page_of
from accounts.models import AuditEvent
from accounts.wording import EVENTS

SIZE = 50
HEADER = ("When", "Who", "From", "What", "Of", "Old", "New", "Reason", "Request")


class AuditFilterForm(forms.Form):
    q = forms.CharField(
        label="Search",
        required=False,
        max_length=255,
        widget=forms.TextInput({"type": "search", "placeholder": "Who, or what of"}),
    )
    kind = forms.ChoiceField(
        label="What",
        required=False,
        choices=[("", "Any"), *sorted(EVENTS.items(), key=lambda e: e[1])],
    )
    since = forms.DateField(label="From", required=False, widget=forms.DateInput({"type": "date"}))
    until = forms.DateField(label="To", required=False, widget=forms.DateInput({"type": "date"}))

    def events(self) -> QuerySet[AuditEvent]:
        """Newest first; what can't be understood of the form filters nothing."""
        self.is_valid()
        chosen = self.cleaned_data
        events = AuditEvent.objects.order_by("-pk")
        if text := chosen.get("q"):
            events = events.filter(Q(actor__icontains=text) | Q(subject__icontains=text))
        if kind := chosen.get("kind"):
            events = events.filter(kind=kind)
        if since := chosen.get("since"):
            events = events.filter(at__gte=_begin(since))
        if until := chosen.get("until"):
            events = events.filter(at__lt=_begin(until + timedelta(days=1)))
        return events


def _begin(day) -> datetime:
    return make_aware(datetime.combine(day, time.min))


class Line:
    """One event in words. `values` are (name, old, new)."""

    def __init__(self, event: AuditEvent) -> None:
        self.event = event
        self.what = EVENTS.get(event.kind, event.kind)
        names = dict.fromkeys([*event.before, *event.after])
        self.values = [
            (name.replace("_", " "), _shown(event.before.get(name)), _shown(event.after.get(name)))
            for name in names
        ]


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return "" if value is None else str(value)


@administrator_required
@require_safe
def audit_log(request: HttpRequest) -> HttpResponse:
    form = AuditFilterForm(request.GET)
    page = page_of(request, form.events(), size=SIZE)
    context = {
        "form": form,
        "page": page,
        "lines": [Line(event) for event in page],
        "is_filtered": any(request.GET.get(name) for name in form.fields),
    }
    return render(request, "accounts/audit.html", context)


@administrator_required
@require_safe
def audit_csv(request: HttpRequest) -> HttpResponse:
    events = AuditFilterForm(request.GET).events()
    audit.record(account=request.account, kind="EXPORTED", subject="audit.csv")
    return csv_response("audit.csv", HEADER, _cells(events))


def _cells(events: QuerySet[AuditEvent]) -> Iterator[tuple[str, ...]]:
    for event in events.iterator():
        yield (
            localtime(event.at).isoformat(timespec="seconds"),
            event.actor,
            event.address or "",
            EVENTS.get(event.kind, event.kind),
            event.subject,
            json.dumps(event.before, ensure_ascii=False) if event.before else "",
            json.dumps(event.after, ensure_ascii=False) if event.after else "",
            event.reason,
            event.request_id,
        )
