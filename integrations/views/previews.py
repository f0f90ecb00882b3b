"""Previews: started, carried out, and undos, which begin as one."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_POST

from accounts.access import administrator_required
from integrations import services, tasks
from integrations.views.finding import go, run_or_404, set_up_or_404

ALREADY_OPEN = (
    "A sync of this integration is open already. Wait until it has ended, then try again."
)
NOTHING_TO_APPLY = "These changes were carried out already, or the preview is no longer there."
NO_UNDO = (
    "This sync can't be undone: it changed nothing, was an undo itself, was undone already, or is "
    "older than 30 days."
)


@administrator_required
@require_POST
def preview(request: HttpRequest, provider: str) -> HttpResponse:
    opened = services.start_preview(connection=set_up_or_404(provider), user=request.user)
    return go_on_to_the_run(request, provider, opened)


@administrator_required
@require_POST
def apply(request: HttpRequest, provider: str, pk: int) -> HttpResponse:
    shown = run_or_404(provider, pk)
    try:
        opened = services.apply_preview(preview=shown, user=request.user)
    except services.NothingToApply:
        messages.error(request, NOTHING_TO_APPLY)
        return go(request, reverse("integrations:run", args=[provider, pk]))
    return go_on_to_the_run(request, provider, opened)


@administrator_required
@require_POST
def undo(request: HttpRequest, provider: str, pk: int) -> HttpResponse:
    try:
        opened = services.start_undo(run=run_or_404(provider, pk), user=request.user)
    except services.UndoRefused:
        messages.error(request, NO_UNDO)
        return go(request, reverse("integrations:run", args=[provider, pk]))
    return go_on_to_the_run(request, provider, opened)


def go_on_to_the_run(request: HttpRequest, provider: str, opened: services.Opened) -> HttpResponse:
    """To the run's page, which shows how far it is and then what came of it."""
    if opened.is_new:
        tasks.wake(opened.run.pk)
    else:
        messages.info(request, ALREADY_OPEN)
    return go(request, reverse("integrations:run", args=[provider, opened.run.pk]))
