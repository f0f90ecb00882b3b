"""What the history and one run's page show of a run."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property

from django.urls import reverse

from integrations import wording
from integrations.models import Outcome, Status, SyncRun, Trigger
from integrations.reading_lines import reading_lines
from integrations.selectors import (
    CountTable,
    Difference,
    Line,
    blast_of,
    count_table,
    difference_of,
    duration_of,
    hold_codes,
    newest_run,
    progress_of,
    seats_line,
    steps_of,
)
from integrations.selectors.store import COLOURS, Progress
from integrations.services.previews import carrying_out, is_applicable
from integrations.services.undoing import can_undo


@dataclass
class RunLine:
    run: SyncRun
    provider: str

    @property
    def is_undone(self) -> bool:
        """Of a run that comes from the history."""
        return getattr(self.run, "is_undone", False)

    @property
    def status(self) -> str:
        return str(Status.UNDONE.label) if self.is_undone else wording.status_label(self.run)

    @property
    def colour(self) -> str:
        return COLOURS[Status.UNDONE if self.is_undone else self.run.status]

    @property
    def duration(self) -> timedelta | None:
        return duration_of(self.run)

    @property
    def started_by(self) -> str:
        """Who or what: a night has nobody."""
        if self.run.trigger == Trigger.AUTO:
            return "Auto-Sync, by night"
        what = self._what
        if self.run.trigger == Trigger.PERSON:
            what = f"Sync of the person {self.run.person_id}"
        if self.run.trigger == Trigger.ONE and self.run.group:
            what = f"Sync of the group {self.run.group}"
        return f"{what}, by {self.run.requested_by}" if self.run.requested_by else what

    @property
    def _what(self) -> str:
        if self.run.undoes_id:
            what = f"Undo of sync {self.run.undoes_id}"
            return f"Preview of an {what[0].lower()}{what[1:]}" if self.run.is_preview else what
        return "Preview changes" if self.run.is_preview else self.run.get_trigger_display()

    @property
    def error(self) -> tuple[str, str] | None:
        if self.run.status != Status.FAILED:
            return None
        return wording.error_sentence(self.run.error_code, self.run.error_detail, self.provider)

    @property
    def counts(self) -> list[tuple[str, int]]:
        return wording.count_lines(self.run.counts)

    @property
    def cells(self) -> tuple[object, ...]:
        """For a CSV file."""
        moments = (self.run.started_at, self.run.finished_at)
        told = [f"{name}: {number}" for name, number in self.counts]
        return (
            self.run.pk,
            self.status,
            self.started_by,
            *(at.isoformat(timespec="seconds") if at else "" for at in moments),
            self.run.calls,
            "\n".join([*(self.error or ()), *told]),
        )


@dataclass
class RunPage(RunLine):
    @property
    def is_undone(self) -> bool:
        return self.undone_by is not None

    @property
    def progress(self) -> Progress:
        return progress_of(self.run)

    @property
    def reading(self) -> list[str]:
        return reading_lines(self.run.reading, self.provider)

    @cached_property
    def table(self) -> CountTable:
        return count_table(self.run.counts)

    @property
    def is_quiet(self) -> bool:
        return self.run.status == Status.SYNCED and self.table.is_nothing_changed

    @cached_property
    def holds(self) -> list[str]:
        if self.run.status != Status.HELD:
            return []
        return [wording.hold_sentence(code, self.provider) for code in hold_codes(self.run)]

    @cached_property
    def is_ready(self) -> bool:
        """A preview that can be looked at."""
        return self.run.status == Status.PREVIEWED

    @cached_property
    def blast(self) -> list[Line]:
        return blast_of(self.run) if self.is_ready else []

    @cached_property
    def seats(self) -> str:
        return seats_line(self.run) if self.is_ready else ""

    @cached_property
    def can_apply(self) -> bool:
        return self.has_planned and is_applicable(self.run)

    @property
    def has_planned(self) -> bool:
        return any(key.endswith(f".{Outcome.PLANNED}") for key in self.run.counts)

    @cached_property
    def can_undo(self) -> bool:
        return can_undo(self.run)

    @cached_property
    def steps(self) -> list[wording.StepLine]:
        """What a sync of one person found, step by step."""
        return steps_of(self.run) if self.run.trigger == Trigger.PERSON else []

    @cached_property
    def retry_address(self) -> str:
        """Where the same is asked for once more; '' unless it failed and nothing came after it."""
        run = self.run
        if run.status != Status.FAILED or newest_run(run.connection) != run:
            return ""
        provider = run.connection.provider
        if run.undoes_id:
            return reverse("integrations:undo", args=[provider, run.undoes_id])
        if run.trigger == Trigger.ONE and run.group_id:
            return reverse("integrations:sync_group", args=[run.group_id])
        if run.trigger == Trigger.PERSON:
            return ""
        name = "preview" if run.is_preview else "sync"
        return reverse(f"integrations:{name}", args=[provider])

    @cached_property
    def undone_by(self) -> SyncRun | None:
        if self.run.is_preview:
            return None
        return self.run.undo_runs.filter(status=Status.UNDONE).order_by("-pk").first()

    @cached_property
    def applied_by(self) -> SyncRun | None:
        """The sync that carries this preview out, or has."""
        return carrying_out(self.run).order_by("-pk").first() if self.run.is_preview else None

    @cached_property
    def difference(self) -> Difference | None:
        """What has moved since the preview that this run was to carry out."""
        if not (self.is_ready and self.run.preview_id):
            return None
        return difference_of(self.run, self.run.preview_id)
