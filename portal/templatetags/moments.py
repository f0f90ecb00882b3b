from datetime import datetime
from zoneinfo import ZoneInfo

from django import template
from django.contrib.humanize.templatetags.humanize import naturaltime
from django.template import Context
from django.utils import dateformat
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()
FORMAT = "j M Y, H:i"


@register.simple_tag(takes_context=True)
def moment(context: Context, value: datetime | None, empty: str = "never") -> SafeString | str:
    """How long ago, with the exact time in the account's time zone on hover."""
    if value is None:
        return empty
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        value.isoformat(timespec="seconds"),
        exact(context, value),
        naturaltime(value).replace("\xa0", " "),
    )


@register.simple_tag(takes_context=True)
def day(context: Context, value: datetime) -> SafeString:
    """The day in the account's time zone, with the exact time on hover."""
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        value.isoformat(timespec="seconds"),
        exact(context, value),
        dateformat.format(value.astimezone(_zone(context)), "j M Y"),
    )


@register.simple_tag(takes_context=True)
def at(context: Context, value: datetime | None, empty: str = "–") -> SafeString | str:
    """The time on the account's clocks, with how long ago on hover."""
    if value is None:
        return empty
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        value.isoformat(timespec="seconds"),
        naturaltime(value).replace("\xa0", " "),
        exact(context, value),
    )


def _zone(context: Context) -> ZoneInfo:
    account = context.get("account")
    return ZoneInfo(account.time_zone if account else "UTC")


@register.simple_tag(takes_context=True)
def exact(context: Context, value: datetime | None) -> str:
    """The time on the clocks of the account's time zone, as plain text."""
    if value is None:
        return ""
    zone = _zone(context)
    return f"{dateformat.format(value.astimezone(zone), FORMAT)} ({zone})"
