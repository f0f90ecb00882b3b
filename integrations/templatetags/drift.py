"""For the pages of groups, which are shown by a room below this one."""

from __future__ import annotations

from collections.abc import Iterable

from django import template

from groups.models import Group
from integrations.models import GroupLink
from integrations.selectors import drift_of_groups
from integrations.wording import drift_line

register = template.Library()


@register.simple_tag
def drifts(groups: Iterable[Group]) -> dict[int, GroupLink]:
    return drift_of_groups(groups)


@register.simple_tag
def drift_of(group: Group) -> GroupLink | None:
    return drift_of_groups([group]).get(group.pk)


@register.filter
def of_group(found: dict[int, GroupLink], group: Group) -> GroupLink | None:
    return found.get(group.pk)


@register.filter
def drift_sentence(link: GroupLink) -> str:
    return drift_line(link)
