from __future__ import annotations

from typing import Any

import django_filters
from django import forms
from django.db.models import Exists, OuterRef, Q, QuerySet

from groups.filters import search_input
from groups.models import Group
from integrations.models import Course
from targets.models import GroupMembership, Target
from training.models import Action, ActionKind, Campaign, CampaignState, Enrollment, State
from training.sentences import reason_sentence
from training.services.remediation import What, campaigns_of


def _reasons() -> list[tuple[str, str]]:
    told = Enrollment.objects.exclude(reason="").order_by().values_list("reason", flat=True)
    return sorted(
        ((code, reason_sentence(code)) for code in told.distinct()), key=lambda one: one[1]
    )


class CampaignFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(
        label="Search",
        field_name="name",
        lookup_expr="icontains",
        max_length=255,
        widget=search_input("Name of a campaign"),
    )
    state = django_filters.ChoiceFilter(
        label="State", empty_label="Any", choices=CampaignState.choices
    )


class EnrollmentFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(
        label="Search", method="found", max_length=255, widget=search_input("Person or course")
    )
    state = django_filters.ChoiceFilter(label="State", empty_label="Any", choices=State.choices)
    campaign = django_filters.ModelChoiceFilter(
        label="Campaign", empty_label="Any", queryset=lambda request: _campaigns()
    )
    group = django_filters.ModelChoiceFilter(
        label="Group", empty_label="Any", method="in_group", queryset=lambda request: _groups()
    )
    course = django_filters.ModelChoiceFilter(
        label="Course", empty_label="Any", queryset=lambda request: _courses()
    )
    reason = django_filters.ChoiceFilter(label="Reason", empty_label="Any", choices=_reasons)

    def found(self, rows: QuerySet[Enrollment], name: str, value: str) -> QuerySet[Enrollment]:
        return rows.filter(
            Q(target__name__icontains=value)
            | Q(target__email__icontains=value)
            | Q(course__name__icontains=value)
        )

    def in_group(self, rows: QuerySet[Enrollment], name: str, value: Group) -> QuerySet[Enrollment]:
        members = GroupMembership.objects.filter(group=value, is_active=True)
        return rows.filter(target__in=members.values("target"))


class ActionFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(
        label="Search", method="found", max_length=255, widget=search_input("Name or e-mail")
    )
    kind = django_filters.ChoiceFilter(
        label="Action", empty_label="Any", choices=ActionKind.choices
    )
    bot = django_filters.ChoiceFilter(
        label="Bot", method="of_bot", empty_label="Any", choices=(("yes", "Yes"), ("no", "No"))
    )
    people = django_filters.ChoiceFilter(
        label="People",
        method="of_people",
        empty_label="Any",
        choices=(("known", "Targets"), ("unknown", "Unknown only")),
    )

    def found(self, rows: QuerySet[Action], name: str, value: str) -> QuerySet[Action]:
        return rows.filter(
            Q(email__icontains=value)
            | Q(target__name__icontains=value)
            | Q(target__email__icontains=value)
        )

    def of_bot(self, rows: QuerySet[Action], name: str, value: str) -> QuerySet[Action]:
        return rows.filter(is_bot=value == "yes")

    def of_people(self, rows: QuerySet[Action], name: str, value: str) -> QuerySet[Action]:
        return rows.filter(target__isnull=value == "unknown")


class RemediationForm(forms.Form):
    """What of one person's timeline is shown. What can't be chosen counts as not chosen."""

    what = forms.ChoiceField(label="Show", required=False, choices=(("", "All"), *What.choices))
    campaign = forms.ModelChoiceField(
        label="Campaign", required=False, empty_label="Any", queryset=None
    )

    def __init__(self, *args: Any, target: Target, **values: Any) -> None:
        super().__init__(*args, **values)
        self.fields["campaign"].queryset = campaigns_of(target)

    def chosen(self) -> dict[str, Any]:
        self.full_clean()
        return dict(self.cleaned_data)


def _campaigns() -> QuerySet[Campaign]:
    return Campaign.objects.order_by("name", "pk")


def _groups() -> QuerySet[Group]:
    return Group.objects.filter(is_archived=False).order_by("name_key")


def _courses() -> QuerySet[Course]:
    used = Enrollment.objects.filter(course=OuterRef("pk"))
    return Course.objects.filter(Exists(used)).order_by("name", "pk")


def in_words(chosen: EnrollmentFilter) -> str:
    """“Every enrolment”, or what the filter asks for. What it could not understand filters nothing."""
    form, asked = chosen.form, []
    for name, value in form.cleaned_data.items():
        if value not in (None, ""):
            labels = (
                dict(getattr(form.fields[name], "choices", ())) if isinstance(value, str) else {}
            )
            asked.append(f"{form.fields[name].label}: “{labels.get(value, value)}”")
    return f"Enrolments with {', '.join(asked)}" if asked else "Every enrolment"
