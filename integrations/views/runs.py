from __future__ import annotations

from collections.abc import Iterator

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe
from django_htmx.http import HttpResponseClientRefresh

from accounts import audit
from accounts.access import administrator_required
from accounts.csv_export import csv_response
from accounts.lists import Column, headings, in_order, order_asked, page_of
from integrations import selectors, wording
from integrations.filters import RunFilter
from integrations.models import Connection
from integrations.run_forms import ChangeFilterForm
from integrations.selectors import ChangeRows
from integrations.views.finding import connection_or_404, provider_or_404, run_or_404
from integrations.views.run_page import RunLine, RunPage

RUNS = 50
NEWEST = "-sync"
COLUMNS = (
    Column("Sync", "sync", ("pk",)),
    Column("Status", "status", ("status",)),
    Column("Started by", "trigger", ("trigger",)),
    Column("Begin", "begin", ("started_at",), is_nullable=True),
    Column("End", "end", ("finished_at",), is_nullable=True),
    Column("Took"),
    Column("API calls", "calls", ("calls",)),
    Column("Result"),
)
ROWS = 100
RUNS_HEADER = ("Sync", "Status", "Started by", "Begin", "End", "API calls", "Result")
CSV_HEADER = ("Kind", "Name", "E-mail or code", "Change", "Outcome", "Old", "New", "Reason", "Id")


@administrator_required
@require_safe
def runs(request: HttpRequest, provider: str) -> HttpResponse:
    found, connection = provider_or_404(provider), connection_or_404(provider)
    chosen, asked = _chosen(request, connection)
    page = page_of(request, in_order(chosen.qs, COLUMNS, asked), size=RUNS)
    context = {
        "provider": found,
        "filter": chosen,
        "page": page,
        "headings": headings(COLUMNS, asked),
        "lines": [RunLine(run, found.label) for run in page],
        "has_runs": bool(page.object_list) or selectors.newest_run(connection) is not None,
    }
    return render(request, "integrations/runs.html", context)


@administrator_required
@require_safe
def runs_csv(request: HttpRequest, provider: str) -> HttpResponse:
    found, connection = provider_or_404(provider), connection_or_404(provider)
    chosen, asked = _chosen(request, connection)
    rows = in_order(chosen.qs, COLUMNS, asked)
    filename = f"{found.key}-syncs.csv"
    audit.record(account=request.account, kind="EXPORTED", subject=filename)
    lines = (RunLine(run, found.label).cells for run in rows.iterator())
    return csv_response(filename, RUNS_HEADER, lines)


def _chosen(request: HttpRequest, connection: Connection) -> tuple[RunFilter, str]:
    """The syncs that are asked for, and the sort of them."""
    chosen = RunFilter(request.GET, queryset=selectors.history(connection))
    return chosen, order_asked(request, COLUMNS, NEWEST)


@administrator_required
@require_safe
def last_run(request: HttpRequest, provider: str) -> HttpResponse:
    """Last Sync Logs: the newest run, or the history that says there is none yet."""
    newest = selectors.newest_run(connection_or_404(provider))
    if newest is None:
        return redirect("integrations:runs", provider=provider)
    return redirect("integrations:run", provider=provider, pk=newest.pk)


@administrator_required
@require_safe
def run(request: HttpRequest, provider: str, pk: int) -> HttpResponse:
    found, shown = provider_or_404(provider), run_or_404(provider, pk)
    form = ChangeFilterForm(request.GET)
    page = selectors.rows_of(shown, form.filters()).page(request.GET.get("after", ""), ROWS)
    context = {
        "provider": found,
        "shown": RunPage(shown, found.label),
        "is_newest": not shown.is_preview and selectors.newest_run(shown.connection) == shown,
        "form": form,
        "is_filtered": any(request.GET.get(name) for name in form.fields),
        "page": page,
        "lines": [wording.log_line(change, found.label) for change in page.rows],
    }
    return render(request, "integrations/run.html", context)


@administrator_required
@require_safe
def progress(request: HttpRequest, provider: str, pk: int) -> HttpResponse:
    """The head of an open run's page; once it has ended the whole page is fetched anew."""
    shown = run_or_404(provider, pk)
    if not shown.is_open:
        return HttpResponseClientRefresh()
    found = provider_or_404(provider)
    context = {"shown": RunPage(shown, found.label), "provider": found}
    return render(request, "integrations/run_progress.html", context)


@administrator_required
@require_safe
def run_csv(request: HttpRequest, provider: str, pk: int) -> HttpResponse:
    found, shown = provider_or_404(provider), run_or_404(provider, pk)
    rows = selectors.rows_of(shown, ChangeFilterForm(request.GET).filters())
    filename = f"{found.key}-sync-{shown.pk}.csv"
    audit.record(account=request.account, kind="EXPORTED", subject=filename)
    return csv_response(filename, CSV_HEADER, _cells(rows, found.label))


def _cells(rows: ChangeRows, provider: str) -> Iterator[tuple[str, ...]]:
    for change in rows.each():
        line = wording.log_line(change, provider)
        yield (
            change.get_kind_display(),
            change.label,
            change.detail,
            change.get_action_display(),
            change.get_outcome_display(),
            "\n".join(f"{value.label}: {value.before}" for value in line.values if value.before),
            "\n".join(f"{value.label}: {value.after}" for value in line.values if value.after),
            line.reason,
            change.integration_id,
        )
