"""The evidence pack: who failed, what was assigned, and when it was finished, in one ZIP."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import file_digest
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile
from typing import IO, Any
from zipfile import ZIP_DEFLATED, ZipFile

from django.db.models import Exists, OuterRef, QuerySet

from accounts.csv_export import BYTE_ORDER_MARK, csv_safe
from groups.sources import source_label
from training.models import (
    Action,
    ActionKind,
    Campaign,
    Door,
    Enrollment,
    State,
    Step,
    TimelineEntry,
)
from training.sentences import enrollment_reason, timeline_sentence
from training.services.failures import failing_actions, failures_of
from training.services.readme import Told, readme

CHUNK = 1000
PEOPLE, ENROLLMENTS, TIMELINE = "people.csv", "enrolments.csv", "timeline.csv"
HEADERS: dict[str, tuple[str, ...]] = {
    PEOPLE: (
        "Person",
        "E-mail",
        "Groups",
        "Campaign",
        "Failing action",
        "When",
        "Told by",
        "Failing actions",
    ),
    ENROLLMENTS: (
        "Enrolment",
        "Person",
        "E-mail",
        "Course",
        "Campaign",
        "Rule",
        "State",
        "Reason",
        "Asked",
        "Assigned",
        "Completed",
        "LMS",
    ),
    TIMELINE: ("Enrolment", "Person", "E-mail", "Course", "When", "Step", "What happened"),
}
SHOWN_OF_ENROLLMENT = (
    "target__name",
    "target__email",
    "course__name",
    "campaign__name",
    "rule__name",
    "connection__provider",
    "action__kind",
    "action__door",
    "state",
    "reason",
    "detail",
    "asked_at",
    "assigned_at",
    "completed_at",
)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a pack is about; `title` says so in words."""

    title: str
    enrollments: QuerySet[Enrollment]
    failing: QuerySet[Action]


@dataclass(frozen=True, slots=True)
class Pack:
    """`file` is at its beginning and goes when it is closed."""

    file: IO[bytes]
    counts: dict[str, int]


def evidence_of_campaign(campaign: Campaign) -> Evidence:
    return Evidence(
        f"Campaign “{campaign}”", campaign.enrollments.all(), failing_actions([campaign])
    )


def evidence_of_enrollments(rows: QuerySet[Enrollment], title: str) -> Evidence:
    """The failing actions are those of the people enrolled, in the campaigns they are enrolled because of."""
    campaigns = Campaign.objects.filter(pk__in=rows.order_by().values("campaign"))
    theirs = rows.order_by().filter(campaign=OuterRef("campaign"), target=OuterRef("target"))
    return Evidence(title, rows, failing_actions(campaigns).filter(Exists(theirs)))


def write_evidence(*, evidence: Evidence, account: str, made_by: str, made_at: datetime) -> Pack:
    """Takes as much memory as a thousand enrolments, however many there are."""
    with TemporaryDirectory(prefix="evidence-") as name:
        folder = Path(name)
        counts = _write_people(folder, evidence) | _write_enrollments(folder, evidence)
        told = Told(evidence.title, account, made_by, made_at, counts, _sums(folder, counts))
        (folder / "README.txt").write_text(readme(told, HEADERS), encoding="utf-8")
        return Pack(_zipped(folder, [*counts, "README.txt"]), counts)


class _Sheet:
    def __init__(self, folder: Path, name: str) -> None:
        self.file = (folder / name).open("w", encoding="utf-8", newline="")
        self.file.write(BYTE_ORDER_MARK)
        self.writer = csv.writer(self.file, quoting=csv.QUOTE_ALL)
        self.writer.writerow(HEADERS[name])
        self.rows = 0

    def add(self, cells: Sequence[object]) -> None:
        self.writer.writerow([csv_safe(cell) for cell in cells])
        self.rows += 1

    def close(self) -> None:
        self.file.close()


def _write_people(folder: Path, evidence: Evidence) -> dict[str, int]:
    with closing(_Sheet(folder, PEOPLE)) as sheet:
        for one in failures_of(evidence.failing):
            sheet.add(
                (
                    one.name,
                    one.email,
                    "; ".join(one.groups),
                    one.campaign,
                    ActionKind(one.kind).label,
                    _exact(one.happened_at),
                    Door(one.door).label,
                    one.times,
                )
            )
        return {PEOPLE: sheet.rows}


def _write_enrollments(folder: Path, evidence: Evidence) -> dict[str, int]:
    """Both lists at once, so that neither has what the other lacks."""
    with (
        closing(_Sheet(folder, ENROLLMENTS)) as enrollments,
        closing(_Sheet(folder, TIMELINE)) as timeline,
    ):
        for chunk in _chunks(evidence.enrollments):
            steps = _steps_of(chunk)
            for row in chunk:
                enrollments.add(_enrollment(row))
                for entry in steps.get(row.pk, []):
                    timeline.add(_step(entry, row))
        return {ENROLLMENTS: enrollments.rows, TIMELINE: timeline.rows}


def _chunks(rows: QuerySet[Enrollment]) -> Iterator[Sequence[Enrollment]]:
    """By number, and the numbers first: a cursor on the filter is planned for its first rows, which makes all
    of them five times as slow."""
    ids = list(rows.order_by("pk").values_list("pk", flat=True))
    related = Enrollment.objects.select_related(
        "target", "course", "campaign", "rule", "connection", "action"
    )
    shown = related.only(*SHOWN_OF_ENROLLMENT).order_by("pk")
    for start in range(0, len(ids), CHUNK):
        yield list(shown.filter(pk__in=ids[start : start + CHUNK]))


def _steps_of(rows: Sequence[Enrollment]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = {}
    entries = TimelineEntry.objects.filter(enrollment__in=[row.pk for row in rows]).order_by("pk")
    for entry in entries.values_list("enrollment_id", "step", "values", "at", named=True):
        found.setdefault(entry.enrollment_id, []).append(entry)
    return found


def _enrollment(row: Enrollment) -> tuple[object, ...]:
    return (
        row.pk,
        row.target.name,
        row.target.email,
        row.course.name,
        row.campaign.name,
        row.rule.name if row.rule else "",
        State(row.state).label,
        enrollment_reason(row),
        _exact(row.asked_at),
        _exact(row.assigned_at),
        _exact(row.completed_at),
        source_label(row.connection.provider) if row.connection else "",
    )


def _step(entry: Any, row: Enrollment) -> tuple[object, ...]:
    return (
        row.pk,
        row.target.name,
        row.target.email,
        row.course.name,
        _exact(entry.at),
        Step(entry.step).label,
        timeline_sentence(entry, row),
    )


def _exact(at: datetime | None) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds") if at else ""


def _sums(folder: Path, names: Sequence[str] | dict[str, int]) -> dict[str, str]:
    found = {}
    for name in names:
        with (folder / name).open("rb") as file:
            found[name] = file_digest(file, "sha256").hexdigest()
    return found


def _zipped(folder: Path, names: Sequence[str]) -> IO[bytes]:
    file = TemporaryFile(prefix="evidence-")  # noqa: SIM115 - whoever sends it closes it
    with ZipFile(file, "w", ZIP_DEFLATED) as pack:
        for name in names:
            pack.write(folder / name, name)
    file.seek(0)
    return file
