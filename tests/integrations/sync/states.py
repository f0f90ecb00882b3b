"""The Portal's state as plain values, so that a test compares the whole of it."""

from django.apps import apps
from django.core import serializers
from django_scopes import scopes_disabled

from groups.models import Group
from integrations.models import Change, Course
from targets.models import GroupMembership, Target


def memberships() -> dict[str, dict[str, bool]]:
    """Group name → e-mail → active."""
    state: dict[str, dict[str, bool]] = {group.name: {} for group in Group.objects.all()}
    rows = GroupMembership.objects.select_related("group", "target")
    for row in rows.order_by("group__name", "target__email"):
        state[row.group.name][row.target.email] = row.is_active
    return state


def people() -> dict[str, str]:
    return dict(Target.objects.order_by("email").values_list("email", "name"))


def courses() -> dict[str, bool]:
    rows = Course.objects.order_by("name")
    return {course.name: course.is_active and course.gone_at is None for course in rows}


def log(run) -> list[tuple[str, str, str, str, str]]:
    """(kind, action, label, reason, outcome) in the order of label and kind."""
    rows = Change.objects.filter(run=run)
    names = ("kind", "action", "label", "reason", "outcome")
    return sorted(rows.values_list(*names))


def dump() -> str:
    """Every row of every table, as JSON."""
    with scopes_disabled():
        rows = [row for model in apps.get_models() for row in model._base_manager.all()]
    return serializers.serialize("json", rows)
