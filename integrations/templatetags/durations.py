from datetime import timedelta

from django import template

register = template.Library()


@register.filter
def duration(value: timedelta | None) -> str:
    """45 s, 3 min 5 s, 2 h 10 min; empty for none."""
    if value is None:
        return ""
    seconds = max(0, round(value.total_seconds()))
    minutes, rest = divmod(seconds, 60)
    if minutes >= 60:
        return f"{minutes // 60} h {minutes % 60} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


@register.filter
def roughly(value: timedelta) -> str:
    """For a time left, which is a guess: about 2 minutes."""
    minutes = round(value.total_seconds() / 60)
    if minutes < 1:
        return "less than a minute"
    return "about a minute" if minutes == 1 else f"about {minutes} minutes"
