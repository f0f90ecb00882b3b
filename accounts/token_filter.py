from __future__ import annotations

import django_filters
from django import forms
from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.models import ApiToken

STATES = (
    ("works", "Works"),
    ("expired", "Expired"),
    ("refused", "Refused"),
    ("revoked", "Revoked"),
)


class TokenFilter(django_filters.FilterSet):
    """Of rows with `is_backed` (`accounts.tokens.with_rights`)."""

    q = django_filters.CharFilter(
        label="Search",
        method="named",
        max_length=255,
        widget=forms.TextInput(attrs={"type": "search", "placeholder": "Name, or who made it"}),
    )
    state = django_filters.ChoiceFilter(
        label="State", method="in_state", choices=STATES, empty_label="Any"
    )

    def named(self, rows: QuerySet[ApiToken], _name: str, value: str) -> QuerySet[ApiToken]:
        by = Q(made_by__email__icontains=value) | Q(made_by__name__icontains=value)
        return rows.filter(by | Q(name__icontains=value))

    def in_state(self, rows: QuerySet[ApiToken], _name: str, value: str) -> QuerySet[ApiToken]:
        is_over = Q(expires_at__lte=timezone.now())
        if value == "revoked":
            return rows.exclude(revoked_at=None)
        live = rows.filter(revoked_at=None)
        if value == "expired":
            return live.filter(is_over)
        return live.exclude(is_over).filter(is_backed=value == "works")
