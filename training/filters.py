from __future__ import annotations

import django_filters
from django.db.models import Q, QuerySet

from groups.filters import search_input
from training.models import Campaign, Enrollment, State


class EnrollmentFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(
        label="Search", method="found", max_length=255, widget=search_input("Person or course")
    )
    state = django_filters.ChoiceFilter(label="State", empty_label="Any", choices=State.choices)
    campaign = django_filters.ModelChoiceFilter(
        label="Campaign", empty_label="Any", queryset=lambda request: _campaigns()
    )

    def found(self, rows: QuerySet[Enrollment], name: str, value: str) -> QuerySet[Enrollment]:
        return rows.filter(
            Q(target__name__icontains=value)
            | Q(target__email__icontains=value)
            | Q(course__name__icontains=value)
        )


def _campaigns() -> QuerySet[Campaign]:
    return Campaign.objects.order_by("name", "pk")
