"""A CSV file comes in: uploaded, its columns told, looked at, taken in."""

from __future__ import annotations

from datetime import timedelta

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import administrator_required
from accounts.csv_export import csv_response
from groups.models import Group
from targets.cleaning import clean_text
from targets.forms import MappingForm, UploadForm
from targets.imports import applying, mapping
from targets.imports.checking import Checked, check
from targets.imports.reading import BadFile, read_sheet
from targets.models import ImportDraft

KEPT_FOR = timedelta(days=1)
SHOWN = 20
OVERTAKEN = "Somebody else has changed targets or groups meanwhile. Look again, then import."


@administrator_required
@require_http_methods(["GET", "POST"])
def upload(request: HttpRequest) -> HttpResponse:
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            draft = _draft(request, form.cleaned_data["file"])
        except BadFile as error:
            form.add_error("file", ValidationError(str(error)))
        else:
            return redirect("targets:import_columns", pk=draft.pk)
    return render(request, "targets/import.html", {"form": form})


def _draft(request: HttpRequest, file) -> ImportDraft:
    sheet = read_sheet(file.read())
    heading = [clean_text(title, 255)[0] for title in sheet.rows[0]]
    body = [[_storable(cell) for cell in row] for row in sheet.rows[1:]]
    ImportDraft.objects.filter(made_by=request.user).delete()
    return ImportDraft.objects.create(
        account=request.account,
        made_by=request.user,
        name=clean_text(file.name or "", 255)[0] or "file.csv",
        remark=sheet.remark,
        rows=[heading, *body],
        lines=sheet.lines[1:],
        columns=mapping.guessed(heading),
    )


def _storable(cell: str) -> str:
    return clean_text(cell, 2000)[0]


@administrator_required
@require_http_methods(["GET", "POST"])
def columns(request: HttpRequest, pk: int) -> HttpResponse:
    draft = _mine(request, pk)
    form = MappingForm(request.POST or None, draft=draft)
    if form.is_valid():
        draft.columns = form.columns
        draft.group_ids = [group.pk for group in form.cleaned_data["groups"]]
        draft.makes_groups = form.cleaned_data["makes_groups"]
        draft.save()
        return redirect("targets:import_preview", pk=pk)
    samples = [
        [row[number] for row in draft.rows[1:4] if row[number]]
        for number in range(len(draft.rows[0]))
    ]
    pairs = list(zip(form.column_fields, samples, strict=True))
    context = {"form": form, "draft": draft, "pairs": pairs, "number": len(draft.rows) - 1}
    return render(request, "targets/import_columns.html", context)


@administrator_required
@require_http_methods(["GET", "POST"])
def preview(request: HttpRequest, pk: int) -> HttpResponse:
    """What would become of it; a POST takes it in, as it is by then."""
    draft = _mine(request, pk)
    found = _checked(request, draft)
    groups = list(Group.objects.filter(pk__in=draft.group_ids, is_archived=False))
    if request.method == "POST" and found.taken:
        return _take(request, draft, found, groups)
    context = {
        "draft": draft,
        "found": found,
        "groups": groups,
        "new": found.new[:SHOWN],
        "changed": found.changed[:SHOWN],
        "errors": found.errors[:SHOWN],
        "number": len(draft.rows) - 1,
    }
    return render(request, "targets/import_preview.html", context)


def _take(
    request: HttpRequest, draft: ImportDraft, found: Checked, groups: list[Group]
) -> HttpResponse:
    try:
        taken = applying.apply(
            account=request.account, checked=found, groups=groups, makes_groups=draft.makes_groups
        )
    except applying.Overtaken:
        messages.error(request, OVERTAKEN)
        return redirect("targets:import_preview", pk=draft.pk)
    draft.delete()
    messages.success(
        request,
        f"{taken.new:,} people are new, {taken.changed:,} were changed, "
        f"{taken.left_out:,} rows were left out.",
    )
    return redirect("targets:list")


@administrator_required
@require_safe
def errors(request: HttpRequest, pk: int) -> HttpResponse:
    """The rows that can't be taken in, as they came, with what is wrong: to be mended and sent again."""
    draft = _mine(request, pk)
    found = _checked(request, draft)
    rows = [[one.line, one.told, *draft.rows[one.place + 1]] for one in found.errors]
    return csv_response("rows-to-mend.csv", ["Line", "What is wrong", *draft.rows[0]], rows)


def _checked(request: HttpRequest, draft: ImportDraft) -> Checked:
    return check(
        account=request.account,
        rows=draft.rows[1:],
        lines=draft.lines,
        columns=draft.columns,
        makes_groups=draft.makes_groups,
    )


def _mine(request: HttpRequest, pk: int) -> ImportDraft:
    since = timezone.now() - KEPT_FOR
    mine = ImportDraft.objects.filter(made_by=request.user, created_at__gt=since)
    return get_object_or_404(mine, pk=pk)
