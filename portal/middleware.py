import logging
from math import inf

from allauth.core.internal.httpkit import clean_client_ip
from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.http import HttpResponseBadRequest
from django.shortcuts import render
from django.urls import Resolver404, resolve
from redis.exceptions import RedisError

from portal import health
from portal.api.problems import Problem, away

logger = logging.getLogger(__name__)
UNSTORABLE = "The address has a character that can't be searched for."
HEALTH = {"/livez": health.livez, "/readyz": health.readyz}
#: What a form may have, by address where it takes a file: somewhat more than the page itself accepts, so that
#: the page can say what to do about a file that is too large.
LARGEST_FORM = 2_500_000
LONGEST_LENGTH = 19
LARGEST_FILES = {"targets:import": 10_000_000, "training:import_actions": 60_000_000}


def answer_health(get_response):
    """Whoever watches the process asks by any host name or none, and is sent nowhere else."""

    def middleware(request):
        answer = HEALTH.get(request.path_info)
        return answer(request) if answer else get_response(request)

    return middleware


def trust_whole_chains(get_response):
    """A request with fewer entries in `X-Forwarded-For` than there are proxies did not come through all of
    them: none is believed, and the address is that of whoever opened the connection. Goes first, since a
    request keeps its headers once they were looked at."""

    def middleware(request):
        proxies = settings.ALLAUTH_TRUSTED_PROXY_COUNT
        entries = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
        if proxies and not (len(entries) >= proxies and clean_client_ip(entries[-proxies])):
            request.META.pop("HTTP_X_FORWARDED_FOR", None)
        return get_response(request)

    return middleware


class BodiesWithinLimits:
    """Refuse what is too large before anything of it is read: the check of a form's token reads all of it,
    and writes files to the disk, for whoever sends them, also on the way to a page that says what is wrong.
    Only people who are logged in send files. Addresses for programs limit their bodies themselves."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        largest = LARGEST_FORM if _length(request) <= LARGEST_FORM else _largest(request)
        if _length(request) > largest:
            return _too_large(request, largest)
        return self.get_response(request)

    def process_view(self, request, view, args, kwargs):
        is_file = _length(request) > LARGEST_FORM and not getattr(view, "csrf_exempt", False)
        if is_file and not request.user.is_authenticated:
            return _too_large(request, LARGEST_FORM)
        return None


def _length(request) -> int:
    told = str(request.META.get("CONTENT_LENGTH") or "")
    return int(told) if told.isascii() and told.isdigit() and len(told) < LONGEST_LENGTH else 0


def _largest(request) -> float:
    try:
        request.get_host()
        match = resolve(request.path_info)
    except (DisallowedHost, Resolver404):
        return LARGEST_FORM
    if getattr(match.func, "csrf_exempt", False):
        return inf
    return LARGEST_FILES.get(match.view_name, LARGEST_FORM)


def _too_large(request, largest):
    return render(request, "413.html", {"largest": largest / 1_000_000}, status=413)


class WhatIsAway:
    """Answer 503 with a cure where Redis can't be reached, rather than 500."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_exception(self, request, exception):
        if not isinstance(exception, RedisError):
            return None
        logger.error("Redis can't be reached: %s", type(exception).__name__)
        problem = away()
        if request.path.startswith("/api/"):
            return problem.response()
        page = render(request, "503.html", status=problem.status)
        for name, value in problem.headers.items():
            page[name] = value
        return page


def refuse_unstorable_queries(get_response):
    """Answer 400 to a query string that no database could hold, before a list page asks one."""

    def middleware(request):
        if any(
            "\x00" in value for values in request.GET.lists() for value in [values[0], *values[1]]
        ):
            if request.path.startswith("/api/"):
                return Problem(400, "unstorable", UNSTORABLE).response()
            return HttpResponseBadRequest(UNSTORABLE)
        return get_response(request)

    return middleware


def forbid_storing(get_response):
    """Pages show people's data: no browser or proxy keeps a copy."""

    def middleware(request):
        response = get_response(request)
        response.headers.setdefault("Cache-Control", "no-store")
        return response

    return middleware
