from __future__ import annotations

from django.db.models import QuerySet

from integrations.models import Connection, Course


def courses() -> QuerySet[Course]:
    """The courses of the account in scope, each with its connection."""
    return Course.objects.select_related("connection")


def providers_with_courses() -> list[str]:
    """The keys of the account's connections that brought courses."""
    found = Connection.objects.filter(courses__isnull=False).order_by("provider")
    return list(found.values_list("provider", flat=True).distinct())
