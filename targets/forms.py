from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet

from groups.models import Group
from targets.cleaning import clean_text
from targets.emails import normalise
from targets.imports.mapping import CHOICES
from targets.models import ImportDraft, Target
from targets.selectors import FIELDS

FIRST = ("email", "first_name", "last_name", "language")
KEPT = "Comes from {source}, and is changed there."
NOT_AN_ADDRESS = "This is not an e-mail address."


def _groups() -> QuerySet[Group]:
    return Group.objects.filter(is_archived=False).order_by("name_key")


def _searchable() -> forms.SelectMultiple:
    return forms.SelectMultiple(attrs={"size": 6, "data-tom-select": ""})


class TargetForm(forms.Form):
    """All fields of a person. `source` is the label of what fills them: then they are shown, and locked."""

    def __init__(self, *args: Any, target: Target | None = None, source: str = "", **kwargs: Any):
        initial = {name: getattr(target, name) for name in FIELDS} if target else {}
        super().__init__(*args, initial=initial, **kwargs)
        for name, label in FIELDS.items():
            self.fields[name] = forms.CharField(
                label=label,
                required=name == "email",
                max_length=Target._meta.get_field(name).max_length,
                disabled=bool(source),
                help_text=KEPT.format(source=source) if source and name == "email" else "",
            )
        if target is None:
            self.fields["groups"] = forms.ModelMultipleChoiceField(
                queryset=_groups(),
                required=False,
                widget=_searchable(),
                help_text="Who is in no group is phished by nobody.",
            )

    def clean(self) -> dict[str, Any]:
        for name in FIELDS:
            if name in self.cleaned_data:
                self.cleaned_data[name] = clean_text(self.cleaned_data[name], 1000)[0]
        return self.cleaned_data

    def clean_email(self) -> str:
        email = normalise(self.cleaned_data["email"].strip())
        if not email:
            raise forms.ValidationError(NOT_AN_ADDRESS)
        return email

    @property
    def values(self) -> dict[str, str]:
        return {name: self.cleaned_data[name] for name in FIELDS}

    @property
    def first(self) -> list[forms.BoundField]:
        names = [*FIRST, *(["groups"] if "groups" in self.fields else [])]
        return [self[name] for name in names]

    @property
    def more(self) -> list[forms.BoundField]:
        return [self[name] for name in FIELDS if name not in FIRST]

    @property
    def opens_more(self) -> bool:
        return any(self.errors.get(name) for name in FIELDS if name not in FIRST)


class JoinForm(forms.Form):
    groups = forms.ModelMultipleChoiceField(
        queryset=None,
        widget=_searchable(),
        error_messages={"required": "Choose at least one group."},
    )

    def __init__(self, *args: Any, target: Target, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["groups"].queryset = _groups().exclude(memberships__target=target)


class UploadForm(forms.Form):
    file = forms.FileField(
        label="CSV file",
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,.tsv,text/csv"}),
        help_text="Up to 20,000 rows and 5 MB. The first line names the columns; "
        "which is which is asked next.",
    )


class MappingForm(forms.Form):
    """A choice for each column of the file, and the groups."""

    def __init__(self, *args: Any, draft: ImportDraft, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.draft = draft
        choices = [("", "Leave out"), *CHOICES.items()]
        for number, title in enumerate(draft.rows[0]):
            self.fields[f"column_{number}"] = forms.ChoiceField(
                label=title[:80] or f"Column {number + 1}",
                choices=choices,
                required=False,
                initial=draft.columns[number],
            )
        self.fields["groups"] = forms.ModelMultipleChoiceField(
            label="Put all of them into",
            queryset=_groups(),
            required=False,
            widget=_searchable(),
            initial=draft.group_ids,
        )
        self.fields["makes_groups"] = forms.BooleanField(
            label="Make groups of the column “Groups” that are not there yet",
            required=False,
            initial=draft.makes_groups,
        )

    def clean(self) -> dict[str, Any]:
        columns = self.columns
        twice = [name for name in set(columns) if name and columns.count(name) > 1]
        if twice:
            raise forms.ValidationError(f"Two columns are {CHOICES[twice[0]]}. Choose one of them.")
        if "email" not in columns:
            raise forms.ValidationError("Choose which column is the e-mail address.")
        return self.cleaned_data

    @property
    def columns(self) -> list[str]:
        number = len(self.draft.rows[0])
        return [self.cleaned_data.get(f"column_{each}", "") for each in range(number)]

    @property
    def column_fields(self) -> list[forms.BoundField]:
        return [self[f"column_{each}"] for each in range(len(self.draft.rows[0]))]
