from __future__ import annotations

import django_filters
from django import forms
from django.db.models import Q, QuerySet

from accounts.models import Membership, Role

STATES = (("invited", "Invited"), ("on", "Has logged in"), ("off", "Switched off"))
BY_STATE = {
    "invited": Q(user__last_login=None) | ~Q(pending_since=None),
    "on": Q(user__last_login__isnull=False, user__is_active=True, pending_since=None),
    "off": Q(user__is_active=False, pending_since=None),
}


class UserFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(
        label="Search",
        method="named",
        max_length=255,
        widget=forms.TextInput(attrs={"type": "search", "placeholder": "Name or e-mail"}),
    )
    role = django_filters.ChoiceFilter(label="Role", choices=Role.choices, empty_label="Any")
    state = django_filters.ChoiceFilter(
        label="State", method="in_state", choices=STATES, empty_label="Any"
    )

    class Meta:
        model = Membership
        fields: tuple[str, ...] = ()

    def named(self, rows: QuerySet[Membership], _name: str, value: str) -> QuerySet[Membership]:
        return rows.filter(Q(user__email__icontains=value) | Q(shown_name__icontains=value))

    def in_state(self, rows: QuerySet[Membership], _name: str, value: str) -> QuerySet[Membership]:
        return rows.filter(BY_STATE[value])
