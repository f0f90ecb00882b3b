"""Limits of what one person may ask for in a minute, over all processes: counted in the cache."""

from __future__ import annotations

import time

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

SECONDS = 60
MOST = {"export": 3}


def is_used_up(request: HttpRequest, what: str) -> bool:
    """Counts this time as well."""
    key = f"limit:{what}:{request.user.pk}:{int(time.time()) // SECONDS}"
    cache.add(key, 0, timeout=SECONDS)
    try:
        return cache.incr(key) > MOST[what]
    except ValueError:  # its minute was over in between
        return False


def refused(request: HttpRequest) -> HttpResponse:
    answer = render(request, "429.html", status=429)
    answer["Retry-After"] = str(SECONDS)
    return answer
