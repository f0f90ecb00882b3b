from __future__ import annotations

import django_filters
from django import forms
from django.db.models import Q, QuerySet

from groups.models import Group
from groups.names import name_key
from groups.selectors import sources_of_groups
from groups.sources import BY_HAND, source_label

HAND = "-"
ON_OFF = (("on", "On"), ("off", "Off"))
#: Letters. The search's index on PostgreSQL knows parts this long, and the beginnings of words.
INDEXED_PART = 3


def source_choices(sources: list[str]) -> list[tuple[str, str]]:
    return [*((key, source_label(key)) for key in sources), (HAND, BY_HAND)]


def of_source(rows: QuerySet, name: str, value: str) -> QuerySet:
    return rows.filter(**{name: "" if value == HAND else value})


def search_input(placeholder: str) -> forms.TextInput:
    return forms.TextInput(attrs={"type": "search", "placeholder": placeholder})


def matching_people(text: str, prefix: str = "") -> Q:
    """Targets by a part of the name or the e-mail; one or two letters find what a word of the name or the
    e-mail begins with. `prefix` leads from the rows to their target, such as "target__"."""
    name, key = f"{prefix}name", f"{prefix}email_key"
    if len(text) >= INDEXED_PART:
        return Q(**{f"{name}__icontains": text}) | Q(**{f"{key}__contains": text.casefold()})
    begins = Q(**{f"{name}__istartswith": text}) | Q(**{f"{name}__icontains": f" {text}"})
    return begins | Q(**{f"{key}__startswith": text.casefold()})


def _switch(label: str, name: str, empty: str) -> django_filters.ChoiceFilter:
    return django_filters.ChoiceFilter(
        label=label, field_name=name, method="is_on", choices=ON_OFF, empty_label=empty
    )


class GroupFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(
        label="Search", method="named", max_length=255, widget=search_input("Name of a group")
    )
    source = django_filters.ChoiceFilter(
        label="Source",
        method=of_source,
        empty_label="Any",
        choices=lambda: source_choices(sources_of_groups()),
    )
    auto_sync = _switch("Auto-Sync", "auto_sync", "Any")
    smart_sync = _switch("Smart-Sync", "smart_sync", "Any")
    locked = _switch("Lock", "locked", "Any")
    status = django_filters.ChoiceFilter(
        label="Status",
        method="with_status",
        empty_label="Active",
        choices=(("archived", "Archived"), ("all", "Active and archived")),
    )

    def named(self, rows: QuerySet[Group], name: str, value: str) -> QuerySet[Group]:
        return rows.filter(name_key__contains=name_key(value))

    def is_on(self, rows: QuerySet[Group], name: str, value: str) -> QuerySet[Group]:
        return rows.filter(**{name: value == "on"})

    def with_status(self, rows: QuerySet[Group], name: str, value: str) -> QuerySet[Group]:
        return rows.filter(is_archived=True) if value == "archived" else rows

    def filter_queryset(self, queryset: QuerySet[Group]) -> QuerySet[Group]:
        rows = super().filter_queryset(queryset)
        return rows if self.form.cleaned_data.get("status") else rows.filter(is_archived=False)


class MemberFilter(django_filters.FilterSet):
    """The people of one group, as rows of its memberships."""

    q = django_filters.CharFilter(
        label="Search", method="found", max_length=255, widget=search_input("Name or e-mail")
    )
    state = django_filters.ChoiceFilter(
        label="State",
        method="in_state",
        empty_label="Any",
        choices=(("active", "Active"), ("inactive", "Inactive")),
    )

    def found(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        return rows.filter(matching_people(value, "target__"))

    def in_state(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        return rows.filter(is_active=value == "active")
