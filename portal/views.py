from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.access import member_required, staff_required
from portal import selectors
from portal.attention import attention
from portal.charts import sync_charts
from portal.status import state


@member_required
@require_safe
def dashboard(request: HttpRequest) -> HttpResponse:
    lines, now = selectors.lines(), timezone.now()
    context = {
        "figures": selectors.figures(),
        "lines": lines,
        "attention": attention(request.account, lines, now),
        "charts": sync_charts(request.account, now) if lines else [],
    }
    return render(request, "portal/dashboard.html", context)


@staff_required
@require_safe
def status(request: HttpRequest) -> HttpResponse:
    """For the operator: of all accounts, so nobody else may see it."""
    return render(request, "portal/status.html", {"state": state(timezone.now())})
