from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.access import member_required
from accounts.lists import Column, headings, in_order, page_of
from integrations.filters import CourseFilter
from integrations.selectors.courses import courses

PAGE = 100
COLUMNS = (
    Column("Name", "name", ("name",)),
    Column("Code", "code", ("code", "name")),
    Column("State"),
    Column("Provider"),
    Column("Used by"),
)


@member_required
@require_safe
def course_list(request: HttpRequest) -> HttpResponse:
    chosen = CourseFilter(request.GET, queryset=courses())
    asked = request.GET.get("sort", "")
    page = page_of(request, in_order(chosen.qs, COLUMNS, asked), size=PAGE)
    context = {
        "filter": chosen,
        "page": page,
        "headings": headings(COLUMNS, asked),
        "has_courses": bool(page.object_list) or courses().filter().exists(),
    }
    return render(request, "courses/list.html", context)
