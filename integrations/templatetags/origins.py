"""For the page of a target, which is shown by a room below this one."""

from __future__ import annotations

from typing import Any

from django import template

from integrations.selectors import Origin, origins_of
from targets.models import Target

register = template.Library()


@register.simple_tag
def origins(target: Target) -> dict[str, Origin]:
    """Field → the sync that its value came from."""
    return origins_of(target)


@register.filter
def of_field(found: dict[str, Any], field: str) -> Any:
    """What a mapping by field has for this one; None without."""
    return found.get(field)
