from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from accounts.access import member_required
from accounts.lists import page_of
from targets.models import Target
from training.filters import RemediationForm
from training.services.remediation import enrollments_of, lines_of, moments_of, number_of

PAGE, ENROLLMENTS_SHOWN = 50, 10


@member_required
@require_safe
def remediation(request: HttpRequest, pk: int) -> HttpResponse:
    target = get_object_or_404(Target.objects.all(), pk=pk)
    form = RemediationForm(request.GET, target=target)
    page = page_of(request, moments_of(target, **form.chosen()), size=PAGE)
    total, open_ones = number_of(target)
    context = {
        "target": target,
        "filter": {"form": form},
        "page": page,
        "lines": lines_of(page.object_list),
        "has_lines": bool(page.paginator.count) or moments_of(target).exists(),
        "enrollments": enrollments_of(target, ENROLLMENTS_SHOWN),
        "total": total,
        "open": open_ones,
        "more": max(0, total - ENROLLMENTS_SHOWN),
    }
    return render(request, "training/remediation.html", context)
