from __future__ import annotations

import django_filters
from django.db.models import Exists, OuterRef, QuerySet

from groups.filters import matching_people, of_source, search_input, source_choices
from groups.models import Group
from targets.models import GroupMembership, Target
from targets.selectors import sources_of_targets
from targets.widgets import Select


def _groups(request) -> QuerySet[Group]:
    return Group.objects.order_by("name_key")


class TargetFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(
        label="Search", method="found", max_length=255, widget=search_input("Name or e-mail")
    )
    group = django_filters.ModelChoiceFilter(
        label="Group",
        method="in_group",
        queryset=_groups,
        empty_label="Any",
        widget=Select,
    )
    status = django_filters.ChoiceFilter(
        label="Status",
        method="with_status",
        empty_label="Any",
        choices=(("active", "Active"), ("inactive", "Inactive")),
    )
    source = django_filters.ChoiceFilter(
        label="Source",
        method=of_source,
        empty_label="Any",
        choices=lambda: source_choices(sources_of_targets()),
    )

    def found(self, rows: QuerySet[Target], name: str, value: str) -> QuerySet[Target]:
        return rows.filter(matching_people(value))

    def in_group(self, rows: QuerySet[Target], name: str, group: Group) -> QuerySet[Target]:
        member = GroupMembership.objects.filter(target=OuterRef("pk"), group=group)
        return rows.filter(Exists(member))

    def with_status(self, rows: QuerySet[Target], name: str, value: str) -> QuerySet[Target]:
        return rows.filter(is_reachable=value == "active")
