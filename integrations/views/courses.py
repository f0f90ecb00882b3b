from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts import audit
from accounts.access import member_required
from accounts.csv_export import csv_response
from accounts.lists import Column, headings, in_order, page_of
from groups.sources import source_label
from integrations.filters import CourseFilter
from integrations.models import Course
from integrations.selectors.courses import courses

PAGE = 100
COLUMNS = (
    Column("Name", "name", ("name",)),
    Column("Code", "code", ("code", "name")),
    Column("State"),
    Column("Provider"),
    Column("Used by"),
)
EXPORTED = ("Name", "Code", "State", "Provider", "Id there", "Since")


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


@member_required
@require_safe
def courses_csv(request: HttpRequest) -> HttpResponse:
    chosen = CourseFilter(request.GET, queryset=courses())
    rows = in_order(chosen.qs, COLUMNS, request.GET.get("sort", ""))
    audit.record(account=request.account, kind="EXPORTED", subject="courses.csv")
    return csv_response("courses.csv", EXPORTED, (_cells(course) for course in rows.iterator()))


def _cells(course: Course) -> tuple[object, ...]:
    state = "No longer there" if course.gone_at else "Active" if course.is_active else "Inactive"
    return (
        course.name,
        course.code,
        state,
        source_label(course.connection.provider),
        course.integration_id,
        course.created_at.isoformat(timespec="seconds"),
    )
