"""The five steps of a sync of one person, each with its evidence."""

from __future__ import annotations

from typing import Any

from groups.sources import source_label
from integrations.models import Action, Change, Kind, Outcome, Reason, Status, SyncRun
from integrations.sentences import REASONS
from integrations.wording import StepLine, error_sentence, reason_sentence

MATCHED: dict[str, str] = {
    Reason.MATCHED_BY_EMAIL: "Matched with {label} by the e-mail address",
    Reason.RECREATED: "Matched with {label}, who was made anew at {provider}",
}


def steps_of(run: SyncRun) -> list[StepLine]:
    """As far as the run has come; the last one is where it stopped."""
    provider = source_label(run.connection.provider)
    if run.status == Status.FAILED:
        what, cure = error_sentence(run.error_code, run.error_detail, provider)
        return [_bad(f"Asking {provider}", what, cure)]
    found = {step["step"]: step for step in run.evidence}
    if "FOUND" not in found:
        return []
    steps = [_good(f"{provider} answers"), _found(found["FOUND"], run, provider)]
    if "SCOPE" in found:
        steps.append(_in_scope(found["SCOPE"], provider))
    return [*steps, *_outcome(run, provider)]


def _found(step: dict[str, Any], run: SyncRun, provider: str) -> StepLine:
    args = step["args"]
    if step["code"] == "NOT_FOUND":
        what = f"Nobody at {provider} has the Id {run.person_id}."
        return _bad(f"Finding the person at {provider}", what, "They count as gone.")
    if step["code"] == "ERASED":
        return _bad(f"Finding the person at {provider}", REASONS["ERASED"])
    label = f"Found at {provider}: {args['name'] or 'no name'}, {args['email'] or 'no e-mail'}"
    what = f"Is inactive at {provider}." if step["code"] else ""
    return _bad(label, what) if what else _good(label)


def _in_scope(step: dict[str, Any], provider: str) -> StepLine:
    inside, outside = (", ".join(step["args"][name]) for name in ("inside", "outside"))
    if step["passed"]:
        also = f"; not synced: {outside}" if outside else ""
        return _good(f"In {inside}{also}")
    if step["code"] == "NO_TEAM":
        return _bad("Looking for synced teams", f"Is in no team at {provider}.")
    cure = "A new team comes in with the next whole sync; else choose it in Settings."
    return _bad("Looking for synced teams", f"Is only in teams not synced: {outside}.", cure)


def _outcome(run: SyncRun, provider: str) -> list[StepLine]:
    rows = list(Change.objects.filter(run=run).exclude(kind=Kind.NOTE).order_by("pk"))
    refused = next((row for row in rows if row.action == Action.SKIP), None)
    if run.is_open:
        return []
    if refused:
        what = reason_sentence(refused, provider)
        return [_bad("Matching with a target", what)]
    if any(row.outcome == Outcome.SKIPPED for row in rows):
        what = "Changes of this person wait for a decision, and are left to it."
        return [_good(_matched(rows, provider)), _bad("Carrying it out", what)]
    number = len(rows)
    changes = (
        f"{number} change{'s' if number > 1 else ''}, listed below"
        if number
        else "Nothing to change"
    )
    return [_good(_matched(rows, provider)), _good(changes)]


def _matched(rows: list[Change], provider: str) -> str:
    person = next((row for row in rows if row.kind == Kind.PERSON), None)
    if person and person.action == Action.CREATE:
        return "Not here before: a new target"
    if person and person.reason in MATCHED:
        return MATCHED[person.reason].format(label=person.label, provider=provider)
    return f"Matched by the {provider} Id"


def _good(label: str) -> StepLine:
    return StepLine(label, passed=True)


def _bad(label: str, what: str, cure: str = "") -> StepLine:
    return StepLine(label, passed=False, what=what, cure=cure)
