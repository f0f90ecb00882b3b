from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts import audit
from accounts.access import administrator_required, member_required
from accounts.csv_export import csv_response
from accounts.lists import Column, headings, in_order, page_of
from integrations.contract.errors import IntegrationError
from integrations.wording import error_sentence
from training.filters import EnrollmentFilter
from training.models import TO_ASK, WATCHED, Enrollment, State
from training.sentences import enrollment_reason, reason_sentence
from training.services import by_hand
from training.services.planning import why_not

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
    asked = request.GET.get("sort", "-when")
    page = page_of(request, in_order(chosen.qs, COLUMNS, asked), size=PAGE)
    context = {
        "filter": chosen,
        "page": page,
        "headings": headings(COLUMNS, asked),
        "has_enrollments": bool(page.object_list) or Enrollment.objects.filter().exists(),
    }
    return render(request, "training/enrollments.html", context)


@member_required
@require_safe
def export(request: HttpRequest) -> HttpResponse:
    rows = Enrollment.objects.select_related("target", "course", "campaign", "action")
    chosen = EnrollmentFilter(request.GET, queryset=rows, request=request)
    audit.record(account=request.account, kind="EXPORTED", subject="enrolments.csv")
    found = in_order(chosen.qs, COLUMNS, request.GET.get("sort", "-when"))
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
    rows = Enrollment.objects.select_related("target", "course", "campaign", "action", "connection")
    row = get_object_or_404(rows, pk=pk)
    is_editable = request.membership.is_administrator
    context = {
        "enrollment": row,
        "entries": row.timeline.order_by("pk"),
        "can_withdraw": is_editable and row.state in (*TO_ASK, *WATCHED),
        "can_ask": is_editable and row.state in by_hand.ENDED,
        "can_finish": is_editable and row.state not in (State.COMPLETED, State.WITHDRAWN),
    }
    return render(request, "training/enrollment.html", context)


def _why_not_now(row: Enrollment) -> str:
    reason = reason_sentence(why_not(row)) if row.state in by_hand.ENDED else ""
    return f"Nothing was changed. {reason or 'The enrolment has moved on: look at it again.'}"


DONE: dict[str, tuple[Callable[[Enrollment], None], str]] = {
    "withdraw": (by_hand.withdraw, "The enrolment is withdrawn."),
    "again": (by_hand.ask_again, "The LMS is asked again within a minute."),
    "done": (by_hand.mark_done, "The enrolment is marked as completed."),
}


@administrator_required
@require_POST
def change(request: HttpRequest, pk: int, what: str) -> HttpResponse:
    rows = Enrollment.objects.select_related("course", "connection", "target", "campaign")
    row = get_object_or_404(rows, pk=pk)
    act, told = DONE[what]
    try:
        act(row)
        messages.success(request, told)
    except by_hand.NotNow:
        messages.error(
            request, "Nothing was changed: the enrolment has moved on. Look at it again."
        )
    except IntegrationError as error:
        sentence = " ".join(error_sentence(error.code, error.detail, "The LMS"))
        messages.error(request, f"Nothing was changed. {sentence}")
    return redirect("training:enrollment", pk=pk)
