from django.http import HttpResponseBadRequest

from portal.api.problems import Problem

UNSTORABLE = "The address has a character that can't be searched for."


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
