"""The filters of a run's rows, and the decision on held ones."""

from __future__ import annotations

from typing import Any

from django import forms

from integrations.models import Action, Kind, Outcome, SyncRun
from integrations.selectors import ChangeFilters, HeldFilters, groups_of, hold_codes
from integrations.sentences import HELD_BECAUSE

SEARCH = {"type": "search", "placeholder": "Name or e-mail"}


class ChangeFilterForm(forms.Form):
    q = forms.CharField(
        label="Search",
        required=False,
        max_length=255,
        widget=forms.TextInput(attrs=SEARCH),
    )
    kind = forms.ChoiceField(required=False, choices=[("", "Any"), *Kind.choices])
    action = forms.ChoiceField(
        label="Change", required=False, choices=[("", "Any"), *Action.choices]
    )
    outcome = forms.ChoiceField(required=False, choices=[("", "Any"), *Outcome.choices])

    def filters(self) -> ChangeFilters:
        """What can't be filtered by is not."""
        self.is_valid()
        return ChangeFilters(**{name: self.cleaned_data.get(name) or "" for name in self.fields})


class HeldFilterForm(forms.Form):
    q = forms.CharField(
        label="Search", required=False, max_length=255, widget=forms.TextInput(attrs=SEARCH)
    )
    kind = forms.ChoiceField(required=False, choices=[("", "Any"), *Kind.choices])
    hold_reason = forms.ChoiceField(label="Held because of", required=False)
    group = forms.ChoiceField(required=False)

    def __init__(self, *args: Any, run: SyncRun, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["hold_reason"].choices = [
            ("", "Any"),
            *((code, HELD_BECAUSE.get(code, code)) for code in hold_codes(run)),
        ]
        self.fields["group"].choices = [("", "Any"), *((str(pk), n) for pk, n in groups_of(run))]

    def filters(self) -> HeldFilters:
        """What can't be filtered by is not."""
        self.is_valid()
        return HeldFilters(**{name: self.cleaned_data.get(name) or "" for name in self.fields})


class DecisionForm(forms.Form):
    decision = forms.ChoiceField(choices=[("approve", "Approve"), ("keep", "Keep people")])
    plan_hash = forms.CharField(max_length=64, widget=forms.HiddenInput)
    reason = forms.CharField(
        label="Reason",
        max_length=255,
        help_text="It goes into the audit log with your name.",
        error_messages={"required": "Say in a few words why. It goes into the audit log."},
    )
