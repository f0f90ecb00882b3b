from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from accounts import audit
from accounts.access import member_required
from accounts.csv_export import csv_response
from accounts.lists import Column, headings, in_order, order_asked, page_of
from training.filters import EnrollmentFilter
from training.models import TO_ASK, WATCHED, Enrollment
from training.sentences import enrollment_reason
from training.services.by_hand import ENDED, FINISHABLE
from training.services.taking_back import of_bots
from training.views.changes import BulkChange

PAGE = 50
COLUMNS = (
    Column("Person", "person", ("target__name",)),
    Column("Course", "course", ("course__name",)),
    Column("Campaign", "campaign", ("campaign__name",)),
    Column("State", "state", ("state",)),
    Column("When", "when", ("created_at",)),
)
EXPORTED = (
    "Person",
    "E-mail",
    "Campaign",
    "Action",
    "Acted",
    "Course",
    "State",
    "Reason",
    "Asked",
    "Assigned",
    "Completed",
)


@member_required
@require_safe
def enrollment_list(request: HttpRequest) -> HttpResponse:
    rows = Enrollment.objects.select_related("target", "course", "campaign")
    chosen = EnrollmentFilter(request.GET, queryset=rows, request=request)
    asked = order_asked(request, COLUMNS, "-when")
    page = page_of(request, in_order(chosen.qs, COLUMNS, asked), size=PAGE)
    context = {
        "filter": chosen,
        "page": page,
        "headings": headings(COLUMNS, asked),
        "actions": BulkChange.choices,
        "has_enrollments": bool(page.object_list) or Enrollment.objects.filter().exists(),
    }
    return render(request, "training/enrollments.html", context)


@member_required
@require_safe
def export(request: HttpRequest) -> HttpResponse:
    rows = Enrollment.objects.select_related("target", "course", "campaign", "action")
    chosen = EnrollmentFilter(request.GET, queryset=rows, request=request)
    audit.record(account=request.account, kind="EXPORTED", subject="enrolments.csv")
    found = in_order(chosen.qs, COLUMNS, order_asked(request, COLUMNS, "-when"))
    return csv_response("enrolments.csv", EXPORTED, (_cells(row) for row in found.iterator()))


def _cells(row: Enrollment) -> tuple[object, ...]:
    moments = (row.asked_at, row.assigned_at, row.completed_at)
    return (
        row.target.name,
        row.target.email,
        row.campaign.name,
        row.action.get_kind_display(),
        row.action.happened_at.isoformat(timespec="seconds"),
        row.course.name,
        row.get_state_display(),
        enrollment_reason(row),
        *(at.isoformat(timespec="seconds") if at else "" for at in moments),
    )


@member_required
@require_safe
def enrollment(request: HttpRequest, pk: int) -> HttpResponse:
    rows = Enrollment.objects.select_related(
        "target", "course", "campaign", "action", "connection", "rule"
    )
    row = get_object_or_404(rows, pk=pk)
    is_editable = request.membership.is_administrator
    context = {
        "enrollment": row,
        "entries": row.timeline.order_by("pk"),
        "can_withdraw": is_editable and row.state in (*TO_ASK, *WATCHED),
        "can_ask": is_editable and row.state in ENDED,
        "is_of_bot": of_bots().filter(pk=pk).exists(),
        "can_finish": is_editable and row.state in FINISHABLE,
    }
    return render(request, "training/enrollment.html", context)
