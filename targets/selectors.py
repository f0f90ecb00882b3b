from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet

from targets.models import GroupMembership, Tally, Target

#: The article's fields of a person beside integration_id, as a page reads them.
FIELDS = {
    "email": "E-mail",
    "first_name": "First name",
    "last_name": "Last name",
    "name": "Name",
    "phone_business": "Business phone",
    "phone_mobile": "Mobile phone",
    "address_one": "Address, line 1",
    "address_two": "Address, line 2",
    "city": "City",
    "state": "State",
    "zip": "Postal code",
    "country": "Country",
    "company": "Company",
    "title": "Job title",
    "timezone": "Time zone",
    "language": "Language",
    "manager": "Manager",
    "optional_1": "Optional 1",
    "optional_2": "Optional 2",
    "optional_3": "Optional 3",
}


@dataclass(frozen=True, slots=True)
class Value:
    field: str
    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Listed:
    """A target in a list, with the number of groups it is active and inactive in."""

    target: Target
    active: int
    inactive: int

    @property
    def is_active(self) -> bool:
        return self.target.is_active and self.active > 0


def number_of_targets() -> int:
    """Of the account in scope: as kept, or counted where nobody has kept it yet."""
    kept = Tally.objects.values_list("targets", flat=True).first()
    return Target.objects.count() if kept is None else kept


def sources_of_targets() -> list[str]:
    """The providers that targets of the account in scope come from."""
    kept = Tally.objects.values_list("sources", flat=True).first()
    if kept is not None:
        return kept
    found = Target.objects.exclude(source="").order_by("source")
    return list(found.values_list("source", flat=True).distinct())


def with_group_counts(targets: Iterable[Target]) -> list[Listed]:
    """These targets in their order; one query however many they are."""
    rows = list(targets)
    counted = (
        GroupMembership.objects.filter(target__in=rows)
        .values("target_id")
        .annotate(active=Count("pk", filter=Q(is_active=True)))
        .annotate(inactive=Count("pk", filter=Q(is_active=False)))
        .order_by()
    )
    counts = {row["target_id"]: (row["active"], row["inactive"]) for row in counted}
    return [Listed(target, *counts.get(target.pk, (0, 0))) for target in rows]


def values_of(target: Target) -> list[Value]:
    """All 21 fields of the article under the Portal's names, the ids at the sources first."""
    ids = ", ".join(target.links.order_by("pk").values_list("integration_id", flat=True))
    own = [Value(field, label, getattr(target, field)) for field, label in FIELDS.items()]
    return [Value("integration_id", "Integration id", ids), *own]


def memberships_of(target: Target) -> QuerySet[GroupMembership]:
    return (
        GroupMembership.objects.filter(target=target)
        .select_related("group")
        .order_by("-is_active", "group__name_key")
    )
