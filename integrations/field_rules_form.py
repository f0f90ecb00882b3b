from __future__ import annotations

from typing import Any

from django import forms

from integrations.contract.records import FIELD_LENGTHS
from integrations.models import FieldRule
from targets.selectors import FIELDS


class FieldRulesForm(forms.Form):
    """A choice for each field of a person but the e-mail address, which tells who is who."""

    def __init__(self, *args: Any, rules: dict[str, str], provider: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [
            (FieldRule.FOLLOW, f"Follow {provider}"),
            (FieldRule.KEEP, FieldRule.KEEP.label),
            (FieldRule.LEAVE_OUT, FieldRule.LEAVE_OUT.label),
        ]
        self.fields = {
            name: forms.ChoiceField(
                label=FIELDS[name],
                choices=choices,
                initial=rules.get(name, FieldRule.FOLLOW),
                widget=forms.Select(attrs={"class": "form-select form-select-sm"}),
            )
            for name in FIELDS
            if name in FIELD_LENGTHS
        }
