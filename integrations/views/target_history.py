"""What syncs did to one target: a page of its own, and what its page tells of where values came from."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from accounts.access import member_required
from groups.sources import source_label
from integrations import selectors, wording
from integrations.models import Change
from integrations.views.run_page import RunLine
from targets.models import Target

ROWS = 50


@dataclass(frozen=True, slots=True)
class HistoryLine:
    line: wording.LogLine
    shown: RunLine
    groups: list[str]


@member_required
@require_safe
def target_history(request: HttpRequest, pk: int) -> HttpResponse:
    target = get_object_or_404(Target.objects.all(), pk=pk)
    before = request.GET.get("before", "")
    page = selectors.history_page(target, before=_id_of(before), size=ROWS)
    context = {
        "target": target,
        "page": page,
        "is_first": not before,
        "lines": _lines(page.rows),
    }
    return render(request, "targets/history.html", context)


def _id_of(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else 0


def _lines(rows: list[Change]) -> list[HistoryLine]:
    names = selectors.groups_of_rows(rows)
    return [_line(row, source_label(row.run.connection.provider), names[row.pk]) for row in rows]


def _line(row: Change, provider: str, groups: list[str]) -> HistoryLine:
    return HistoryLine(wording.log_line(row, provider), RunLine(row.run, provider), groups)
