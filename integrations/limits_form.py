"""The guard's numbers as a form: shares are typed in percent."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django import forms

from integrations.sync.guard import Thresholds

SHARE = "_share"
MOST = 1_000_000
LABELS = {
    "people": ("People at once", "Hold when more people than this would become inactive …"),
    "people_share": ("… and more than % of all", "of the people who are active now"),
    "people_at_most": ("People at once, at most", "Hold above this number whatever the share"),
    "group_people": (
        "People of one group",
        "Hold when more people than this would leave a group …",
    ),
    "group_share": ("… and more than % of it", "of the people who are active in it now"),
    "teams": ("Teams at once", "Hold when more teams than this are gone …"),
    "teams_share": ("… and more than % of all", "of the teams that groups follow"),
    "unreadable_share": ("% unreadable", "Hold everything when more of the records can't be read"),
    "known_share": ("% of known people", "Hold every removal when fewer of them are still there"),
}


class LimitsForm(forms.Form):
    """`off_name` switches the limits off when it is the account's name."""

    off_name = forms.CharField(label="Account name", required=False, max_length=255)

    def __init__(self, *args: Any, limits: Thresholds, account_name: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.limits, self.account_name = limits, account_name
        numbers = {
            name: self._number(name, value)
            for name, value in asdict(limits).items()
            if name in LABELS
        }
        self.fields = {**numbers, "off_name": self.fields["off_name"]}
        self.fields[
            "off_name"
        ].help_text = f"To hold no removals at all, type {account_name}. Leave it empty otherwise."

    @staticmethod
    def _number(name: str, value: float) -> forms.IntegerField:
        label, help_text = LABELS[name]
        is_share = name.endswith(SHARE)
        return forms.IntegerField(
            label=label,
            help_text=help_text,
            min_value=0,
            max_value=100 if is_share else MOST,
            initial=round(value * 100) if is_share else value,
        )

    def clean_off_name(self) -> str:
        typed = str(self.cleaned_data["off_name"]).strip()
        if typed and typed != self.account_name:
            raise forms.ValidationError(f"Type {self.account_name}, or leave it empty.")
        return typed

    def chosen(self) -> Thresholds:
        values = {
            name: value / 100 if name.endswith(SHARE) else value
            for name, value in self.cleaned_data.items()
            if name in LABELS
        }
        is_off = self.limits.is_off or bool(self.cleaned_data["off_name"])
        return Thresholds.of({**asdict(self.limits), **values, "is_off": is_off})
