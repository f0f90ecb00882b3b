from __future__ import annotations

import django_filters
from django.db.models import Q, QuerySet

from groups.filters import search_input
from groups.sources import source_label
from integrations.models import Course, MailKind, SentMail, Status, SyncRun, Trigger
from integrations.selectors.courses import providers_with_courses


class CourseFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(
        label="Search", method="found", max_length=255, widget=search_input("Name or code")
    )
    state = django_filters.ChoiceFilter(
        label="State",
        method="in_state",
        empty_label="Any",
        choices=(("active", "Active"), ("inactive", "Inactive"), ("gone", "No longer there")),
    )
    provider = django_filters.ChoiceFilter(
        label="Provider",
        field_name="connection__provider",
        empty_label="Any",
        choices=lambda: [(key, source_label(key)) for key in providers_with_courses()],
    )

    def found(self, rows: QuerySet[Course], name: str, value: str) -> QuerySet[Course]:
        return rows.filter(Q(name__icontains=value) | Q(code__icontains=value))

    def in_state(self, rows: QuerySet[Course], name: str, value: str) -> QuerySet[Course]:
        if value == "gone":
            return rows.filter(gone_at__isnull=False)
        return rows.filter(gone_at=None, is_active=value == "active")


class RunFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(
        label="Search",
        method="found",
        max_length=255,
        widget=search_input("Who started it, or a group"),
    )
    status = django_filters.ChoiceFilter(label="Status", empty_label="Any", choices=Status.choices)
    trigger = django_filters.ChoiceFilter(
        label="Started by", empty_label="Any", choices=Trigger.choices
    )
    preview = django_filters.ChoiceFilter(
        label="Previews",
        method="of_preview",
        empty_label="With previews",
        choices=(("no", "Without previews"), ("yes", "Only previews")),
    )

    def found(self, rows: QuerySet[SyncRun], name: str, value: str) -> QuerySet[SyncRun]:
        by = Q(requested_by__name__icontains=value) | Q(requested_by__email__icontains=value)
        return rows.filter(by | Q(group__name__icontains=value))

    def of_preview(self, rows: QuerySet[SyncRun], name: str, value: str) -> QuerySet[SyncRun]:
        return rows.filter(is_preview=value == "yes")


class MailFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(
        label="Search", method="found", max_length=255, widget=search_input("Subject or recipient")
    )
    state = django_filters.ChoiceFilter(
        label="State",
        method="in_state",
        empty_label="Any",
        choices=(("sent", "Sent"), ("failed", "Failed")),
    )
    template = django_filters.ChoiceFilter(
        label="E-mail", empty_label="Any", choices=MailKind.choices
    )

    def found(self, rows: QuerySet[SentMail], name: str, value: str) -> QuerySet[SentMail]:
        return rows.filter(Q(subject__icontains=value) | Q(recipient__icontains=value))

    def in_state(self, rows: QuerySet[SentMail], name: str, value: str) -> QuerySet[SentMail]:
        is_sent = Q(error="", sent_at__isnull=False)
        return rows.filter(is_sent) if value == "sent" else rows.exclude(is_sent)
