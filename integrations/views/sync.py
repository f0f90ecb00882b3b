from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from accounts.access import administrator_required
from groups.models import Group
from integrations import services, tasks
from integrations.models import Status, Trigger
from integrations.services import Cancelling
from integrations.views.finding import (
    go,
    go_back,
    provider_or_404,
    run_or_404,
    set_up_or_404,
)

CANCELLED = {
    Cancelling.DONE: "The sync was cancelled. Nothing was changed.",
    Cancelling.ASKED: "The sync stops before its next step. Nothing is changed.",
    Cancelling.TOO_LATE: "It is too late to cancel: the changes are in already. The log offers to undo them.",
    Cancelling.ENDED: "The sync had ended already.",
}


@administrator_required
@require_POST
def sync(request: HttpRequest, provider: str) -> HttpResponse:
    """Run Sync. While the integration is not Active it is asked for once more."""
    connection = set_up_or_404(provider)
    if not connection.is_active and "confirmed" not in request.POST:
        return _ask(request, provider)
    opened = services.open_run(
        connection=connection,
        trigger=Trigger.MANUAL,
        requested_by=request.user,
        turns_auto_sync_on=connection.is_active or "auto_sync" in request.POST,
    )
    _tell(request, opened)
    return go(request, reverse("integrations:store"))


def _ask(request: HttpRequest, provider: str) -> HttpResponse:
    template = "sync_dialog" if request.htmx else "sync"
    context = {"provider": provider_or_404(provider)}
    return render(request, f"integrations/{template}.html", context)


@administrator_required
@require_POST
def sync_group(request: HttpRequest, pk: int) -> HttpResponse:
    group = get_object_or_404(Group.objects.all(), pk=pk)
    try:
        _tell(request, services.sync_group(group=group, user=request.user))
    except services.GroupRefused as refused:
        messages.error(request, str(refused))
    return go_back(request, reverse("groups:detail", args=[group.pk]))


@administrator_required
@require_POST
def cancel(request: HttpRequest, provider: str, pk: int) -> HttpResponse:
    run = run_or_404(provider, pk)
    came_of_it = services.cancel_run(run=run, user=request.user)
    if run.is_open:
        tasks.wake(run.pk)
    is_good = came_of_it in (Cancelling.DONE, Cancelling.ASKED)
    messages.add_message(
        request, messages.SUCCESS if is_good else messages.WARNING, CANCELLED[came_of_it]
    )
    return go_back(request, reverse("integrations:run", args=[provider, pk]))


def _tell(request: HttpRequest, opened: services.Opened) -> None:
    if opened.is_new:
        tasks.wake(opened.run.pk)
        messages.success(request, "Sync Queued")
    else:
        state = "queued" if opened.run.status == Status.QUEUED else "running"
        messages.info(request, f"A sync is already {state}. No second one was queued.")
