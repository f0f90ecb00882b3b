from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.db.models import QuerySet

from webhooks.addresses import Refused, place_of
from webhooks.models import TEST, Delivery, Endpoint, EventType, State
from webhooks.wording import LABELS, REFUSALS

TYPES = [("", "Any"), *((name, LABELS[name]) for name in (*EventType.values, TEST))]


class EndpointForm(forms.Form):
    address = forms.CharField(
        label="Address",
        max_length=Endpoint._meta.get_field("address").max_length,
        widget=forms.URLInput({"placeholder": "https://hooks.example.com/portal"}),
        help_text="Gets a POST for each event. Redirects are not followed.",
    )
    description = forms.CharField(
        label="Name",
        required=False,
        max_length=Endpoint._meta.get_field("description").max_length,
        help_text="What receives it, such as the name of the program.",
    )
    events = forms.MultipleChoiceField(
        label="Tell it when",
        choices=EventType.choices,
        initial=EventType.values,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose at least one thing that it is told."},
    )
    include_email = forms.BooleanField(
        label="Tell the e-mail address of who completed a course",
        required=False,
        help_text="Off: only the number of the target is told.",
    )

    def clean_address(self) -> str:
        address = self.cleaned_data["address"]
        try:
            place_of(address, is_private_allowed=settings.WEBHOOK_PRIVATE)
        except Refused as refusal:
            raise forms.ValidationError(REFUSALS[str(refusal)]) from None
        return address

    def clean_description(self) -> str:
        description = self.cleaned_data["description"]
        if not description.isprintable():
            raise forms.ValidationError("The name holds signs that can't be shown.")
        return description


def shown_of(endpoint: Endpoint) -> dict[str, Any]:
    return {name: getattr(endpoint, name) for name in EndpointForm.base_fields}


class LogFilterForm(forms.Form):
    """What is no choice of a field filters nothing."""

    q = forms.UUIDField(
        label="Search",
        required=False,
        widget=forms.TextInput({"type": "search", "placeholder": "Number of an event"}),
        error_messages={"invalid": "Enter the whole number of an event, as the log shows it."},
    )
    type = forms.ChoiceField(label="What", required=False, choices=TYPES)
    state = forms.ChoiceField(label="State", required=False, choices=[("", "Any"), *State.choices])

    @property
    def chosen(self) -> dict[str, Any]:
        self.is_valid()
        named = {"event_id": "q", "type": "type", "state": "state"}
        found = {field: self.cleaned_data.get(name) for field, name in named.items()}
        return {field: value for field, value in found.items() if value}

    def applied(self, rows: QuerySet[Delivery]) -> QuerySet[Delivery]:
        return rows.none() if "q" in self.errors else rows.filter(**self.chosen)
