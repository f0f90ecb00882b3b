from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from accounts.access import administrator_required
from integrations.models import Course
from training.forms import ReplaceForm
from training.services.replacing import replace_course, substitutes, uses_of


@administrator_required
@require_http_methods(["GET", "POST"])
def replace(request: HttpRequest, pk: int) -> HttpResponse:
    """Another course in the place of this one, in every campaign and rule at once."""
    course = get_object_or_404(Course.objects.select_related("connection"), pk=pk)
    form = ReplaceForm(request.POST or None, courses=substitutes(course))
    if form.is_valid():
        new, moves = form.cleaned_data["course"], form.cleaned_data["moves_people"]
        moved = replace_course(old=course, new=new, moves_people=moves)
        also = f" {moved} enrolments were moved to it." if moved else ""
        messages.success(request, f"{new.name} takes the place of {course.name}.{also}")
        return redirect("training:campaigns")
    context = {"course": course, "uses": uses_of(course), "form": form}
    return render(request, "training/replace.html", context)
