from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlencode

from django import template
from django.template import Context

from groups.models import Group
from groups.sources import source_label
from integrations.models import Course
from integrations.wording import error_sentence
from targets.models import Target
from training.models import Action, Campaign, Enrollment, State, TimelineEntry
from training.sentences import (
    COLOURS,
    action_sentence,
    enrollment_reason,
    reason_sentence,
    timeline_sentence,
)
from training.services.insights import Scope, charts_of
from training.services.lms import Lms, lms_of_groups
from training.services.remediation import Line, newest_of
from training.services.replacing import use_counts

register = template.Library()
SHOWN_DAYS = 90


@register.simple_tag
def lms_of(groups: Iterable[Group]) -> dict[int, Lms]:
    return lms_of_groups(groups)


@register.simple_tag
def remediation_of(target: Target, number: int) -> list[Line]:
    return newest_of(target, number)


@register.simple_tag
def uses_of_courses(courses: Iterable[Course]) -> dict[int, int]:
    return use_counts(courses)


@register.filter
def uses(counts: dict[int, int], course: Course) -> int:
    return counts.get(course.pk, 0)


@register.inclusion_tag("training/charts_card.html", takes_context=True)
def remediation_charts(
    context: Context, campaign: Campaign | None = None, group: Group | None = None
) -> dict[str, object]:
    """Failures and completions of 90 days; nothing where nobody has acted yet."""
    chosen = {"campaign": campaign, "group": group}
    asked = urlencode({name: one.pk for name, one in chosen.items() if one})
    scope = Scope(account=context["account"], days=SHOWN_DAYS, campaign=campaign, group=group)
    charts = charts_of(scope) if Action.objects.exists() else []
    return {"charts": charts[::2], "query": f"?{asked}" if asked else ""}


@register.filter
def lms_line(found: dict[int, Lms], group: Group) -> str:
    lms = found.get(group.pk)
    if lms is None or (lms.connection is None and not lms.is_own):
        return "None"
    name = source_label(lms.connection.provider) if lms.connection else "None"
    return f"{name} (by hand)" if lms.is_own else f"{name} (default)"


@register.filter
def state_colour(row: Enrollment) -> str:
    return COLOURS[State(row.state)]


@register.filter
def why(row: Enrollment) -> str:
    return enrollment_reason(row)


@register.filter
def reason(code: str) -> str:
    return reason_sentence(code)


@register.filter
def lms_error(code: str, name: str) -> str:
    return " ".join(error_sentence(code, "", name))


@register.filter
def sentence(entry: TimelineEntry, row: Enrollment) -> str:
    return timeline_sentence(entry, row)


@register.filter
def acted(action: Action) -> str:
    return action_sentence(action)
