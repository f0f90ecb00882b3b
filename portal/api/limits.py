from __future__ import annotations

import time

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest
from ninja.throttling import BaseThrottle

from accounts.models import ApiToken


class PerToken(BaseThrottle):
    """Calls of one token in each second, minute or hour of the clock, over all processes: counted in the
    cache. Keeps nothing of its own, since one of it serves all threads."""

    def allow_request(self, request: HttpRequest) -> bool:
        token = getattr(request, "auth", None)
        if not isinstance(token, ApiToken):
            return True
        most, seconds = settings.API_RATE
        key = f"api-calls:{token.pk}:{int(time.time()) // seconds}"
        cache.add(key, 0, timeout=seconds)
        return _count(key) <= most

    def wait(self) -> float:
        seconds = settings.API_RATE[1]
        return seconds - time.time() % seconds


def _count(key: str) -> int:
    try:
        return cache.incr(key)
    except ValueError:  # its time was over in between
        return 1
