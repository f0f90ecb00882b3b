"""The audit log of the account, as a page and as a CSV file."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts import audit
from accounts.access import administrator_required
from accounts.csv_export import csv_response
from accounts.lists import Column, headings, in_order, order_asked, page_of
from accounts.models import Account, AuditEvent, User
from accounts.wording import EVENTS

SIZE = 50
NEWEST = "-when"
COLUMNS = (
    Column("When", "when", ("pk",)),
    Column("Who", "who", ("actor",)),
    Column("What", "what", ("kind", "subject")),
    Column("Old → new"),
    Column("From", "from", ("address",), is_nullable=True),
)
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
    user = forms.ModelChoiceField(
        label="Who", required=False, empty_label="Anybody", queryset=User.objects.none()
    )
    since = forms.DateField(label="From", required=False, widget=forms.DateInput({"type": "date"}))
    until = forms.DateField(label="To", required=False, widget=forms.DateInput({"type": "date"}))

    def __init__(self, *args: Any, account: Account) -> None:
        super().__init__(*args)
        self.zone = ZoneInfo(account.time_zone)
        users = User.objects.filter(memberships__account=account)
        self.fields["user"].queryset = users.order_by("email")

    def events(self) -> QuerySet[AuditEvent]:
        """What can't be understood of the form filters nothing."""
        self.is_valid()
        chosen = self.cleaned_data
        events = AuditEvent.objects.all()
        if text := chosen.get("q"):
            events = events.filter(Q(actor__icontains=text) | Q(subject__icontains=text))
        if kind := chosen.get("kind"):
            events = events.filter(kind=kind)
        if user := chosen.get("user"):
            events = events.filter(user=user)
        if since := chosen.get("since"):
            events = events.filter(at__gte=self._begin(since))
        if (until := chosen.get("until")) and until < date.max:
            events = events.filter(at__lt=self._begin(until + timedelta(days=1)))
        return events

    def _begin(self, day: date) -> datetime:
        return datetime.combine(day, time.min, tzinfo=self.zone)


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
    form = AuditFilterForm(request.GET, account=request.account)
    asked = order_asked(request, COLUMNS, NEWEST)
    page = page_of(request, in_order(form.events(), COLUMNS, asked), size=SIZE)
    context = {
        "form": form,
        "page": page,
        "headings": headings(COLUMNS, asked),
        "lines": [Line(event) for event in page],
        "is_filtered": any(request.GET.get(name) for name in form.fields),
    }
    return render(request, "accounts/audit.html", context)


@administrator_required
@require_safe
def audit_csv(request: HttpRequest) -> HttpResponse:
    form = AuditFilterForm(request.GET, account=request.account)
    audit.record(account=request.account, kind="EXPORTED", subject="audit.csv")
    events = in_order(form.events(), COLUMNS, order_asked(request, COLUMNS, NEWEST))
    return csv_response("audit.csv", HEADER, _cells(events, form.zone))


def _cells(events: QuerySet[AuditEvent], zone: ZoneInfo) -> Iterator[tuple[str, ...]]:
    for event in events.iterator():
        yield (
            event.at.astimezone(zone).isoformat(timespec="seconds"),
            event.actor,
            event.address or "",
            EVENTS.get(event.kind, event.kind),
            event.subject,
            json.dumps(event.before, ensure_ascii=False) if event.before else "",
            json.dumps(event.after, ensure_ascii=False) if event.after else "",
            event.reason,
            event.request_id,
        )
