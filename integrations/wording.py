"""Codes and counts as sentences. What is stored are codes; words are made at display."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from integrations.budget import Usage
from integrations.models import Change, Decision, GroupLink, Outcome, Reason, Status, SyncRun
from integrations.reading_lines import why_everything
from integrations.sentences import (
    ACTIONS,
    ERRORS,
    HELD_BECAUSE,
    HOLDS,
    KINDS,
    PROBE_STEPS,
    PURPOSES,
    REASONS,
)

MOST_VALUES = 4
SOMEBODY = "the integration"


class _Places(dict[str, Any]):
    """Values for a sentence; one that is missing leaves no mark of the template."""

    def __missing__(self, key: str) -> str:
        return {"seconds": "some", "by": "somebody else"}.get(key, "")


@dataclass(frozen=True, slots=True)
class StepLine:
    """One line of the connection test, in words. `what` and `cure` are empty when it passed."""

    label: str
    passed: bool
    what: str = ""
    cure: str = ""


def error_sentence(code: str, detail: str = "", provider: str = SOMEBODY) -> tuple[str, str]:
    """What went wrong, and what to do about it."""
    what, cure = _filled_error(code, provider, {})
    if code == "key_unreadable" or not detail:
        return what, cure
    return f"{what} It says: “{detail}”", cure


def _filled_error(code: str, provider: str, args: dict[str, Any]) -> tuple[str, str]:
    what, cure = ERRORS.get(code, ERRORS["unexpected"])
    return _fill(what, provider, args), _fill(cure, provider, args)


def _fill(sentence: str, provider: str, args: dict[str, Any]) -> str:
    filled = sentence.format_map(_Places({**args, "provider": provider})).strip()
    return filled[:1].upper() + filled[1:]


def probe_step(step: dict[str, Any], provider: str = SOMEBODY) -> StepLine:
    """`step` as `Probe.steps` keeps it: key, passed, code, args."""
    done, doing = PROBE_STEPS.get(step["key"], ("Done", "Testing"))
    if step["passed"]:
        return StepLine(_fill(done, provider, {}) + _amounts(step), passed=True)
    args = step.get("args") or {}
    code = "key_of_region" if step["code"] == "key_refused" and args.get("region") else step["code"]
    what, cure = _filled_error(code, provider, args)
    return StepLine(_fill(doing, provider, {}), passed=False, what=what, cure=cure)


def _amounts(step: dict[str, Any]) -> str:
    args = step.get("args") or {}
    found = [f"{args[name]:,} {name}" for name in ("people", "teams", "courses") if name in args]
    return f": {', '.join(found)}" if found else ""


def hold_sentence(code: str, provider: str = SOMEBODY) -> str:
    return _fill(HOLDS.get(code, "Some changes wait."), provider, {})


def status_label(run: SyncRun) -> str:
    if run.is_preview and run.is_open:
        return "Preview queued" if run.status == Status.QUEUED else "Preparing the preview"
    return str(Status(run.status).label)


def phase_label(run: SyncRun) -> str:
    """What an open run does now; empty for one that has ended."""
    if run.status == Status.QUEUED:
        return "Starts within a minute"
    if run.status != Status.RUNNING:
        return ""
    return (
        f"{run.get_phase_display()}, waiting to go on"
        if run.next_attempt_at
        else (run.get_phase_display())
    )


def meter_line(usage: Usage) -> str:
    """How many of the calls that the vendor allows were made lately, and what for."""
    within = "minute" if usage.seconds == 60 else f"{usage.seconds:g} seconds"
    parts = [
        f"{number:,} {PURPOSES.get(name, name)}" for name, number in sorted(usage.used.items())
    ]
    said = f"{usage.total:,} of {usage.calls:,} API calls used in the last {within}"
    return f"{said}: {', '.join(parts)}"


def reason_sentence(change: Change, provider: str = SOMEBODY) -> str:
    code = "UNREADABLE_MANY" if "number" in change.reason_args else ""
    sentence = REASONS[code if change.reason == Reason.UNREADABLE and code else change.reason]
    args = {key: _shown(value) for key, value in _args(change, provider).items()}
    return _fill(sentence, provider, args)


def _args(change: Change, provider: str) -> dict[str, Any]:
    args = dict(change.reason_args)
    if change.reason == Reason.CHANGES_REFUSED:
        args["why"] = why_everything(args.get("why", ""), provider)
    if "fields" in args:
        args["fields"] = [field_label(name) for name in args["fields"]]
    for name in ("group", "name", "value"):
        if args.get(name):
            args[name] = f"“{args[name]}”"
    return args


def _shown(value: Any) -> str:
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, list):
        return ", ".join(str(item) for item in value)
    return str(value)


def field_label(name: str) -> str:
    return "e-mail" if name == "email" else name.replace("_", " ")


@dataclass(frozen=True, slots=True)
class Value:
    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class LogLine:
    change: Change
    reason: str
    values: list[Value]

    @property
    def first_values(self) -> list[Value]:
        return self.values[:MOST_VALUES]

    @property
    def more_values(self) -> list[Value]:
        return self.values[MOST_VALUES:]


def log_line(change: Change, provider: str = SOMEBODY) -> LogLine:
    """One row of the log in words: why, and each field's old and new value."""
    names = [*change.before, *(name for name in change.after if name not in change.before)]
    values = [
        Value(
            field_label(name),
            _shown(change.before.get(name, "")),
            _shown(change.after.get(name, "")),
        )
        for name in names
    ]
    reasons = [reason_sentence(change, provider), _decided(change)]
    if change.outcome == Outcome.HELD and change.hold_reason:
        reasons.append(f"Held: {held_because(change.hold_reason)}.")
    if change.outcome == Outcome.SKIPPED and change.hold_reason:
        reasons.append("Left as it is: an earlier sync waits for a decision on it.")
    return LogLine(change, " ".join(filter(None, reasons)), values)


def _decided(change: Change) -> str:
    decision = change.decision
    if decision is None:
        return ""
    verb = "Approved" if decision.is_approval else "Kept"
    return f"{verb} by {decision.user or 'the operator'}: {decision.reason}".rstrip(": ")


def count_lines(counts: dict[str, int]) -> list[tuple[str, int]]:
    """("New people", 12), …, in the order of the sync: kinds, then actions; unchanged ones last."""
    lines = [
        (_line(kind, action, outcome), number)
        for (kind, action, outcome), number in sorted(_split(counts), key=_rank)
        if number
    ]
    for kind, name in KINDS.items():
        if counts.get(f"UNCHANGED.{kind}"):
            lines.append((f"Unchanged {name}", counts[f"UNCHANGED.{kind}"]))
    return lines


def _split(counts: dict[str, int]) -> list[tuple[tuple[str, str, str], int]]:
    parted = [(tuple(key.split(".")), number) for key, number in counts.items()]
    return [
        ((key[0], key[1], key[2]), number)
        for key, number in parted
        if len(key) == 3 and key[0] in KINDS and key[1] in ACTIONS
    ]


def _rank(entry: tuple[tuple[str, str, str], int]) -> tuple[int, int, str]:
    (kind, action, outcome), _number = entry
    return list(KINDS).index(kind), list(ACTIONS).index(action), outcome


def _line(kind: str, action: str, outcome: str) -> str:
    if kind == "NOTE":
        return "Notes"
    label = f"{ACTIONS[action]} {KINDS[kind]}"
    if action == "DEACTIVATE":
        label = f"{KINDS[kind].capitalize()} made inactive"
    prefix = {"HELD": "Held", "KEPT": "Kept"}.get(outcome, "")
    if outcome == "SKIPPED" and action not in ("SKIP", "WARN"):
        prefix = "Left as they are"
    return f"{prefix}: {label.lower()}" if prefix else label


def held_because(code: str) -> str:
    return HELD_BECAUSE.get(code, "it waits")


@dataclass(frozen=True, slots=True)
class HeldLine:
    """One held row: who, where from, why it would go, and what it waits for."""

    change: Change
    groups: list[str]
    reason: str
    because: str


def held_line(change: Change, names: dict[str, str], provider: str = SOMEBODY) -> HeldLine:
    """`names` maps team ids to the names of their groups."""
    teams = change.team_ids or [change.team_id]
    groups = sorted(names[team] for team in teams if team in names)
    reason = reason_sentence(change, provider)
    return HeldLine(change, groups, reason, held_because(change.hold_reason))


def decision_sentence(decision: Decision) -> str:
    number = f"{decision.number:,} held change{'' if decision.number == 1 else 's'}"
    if decision.is_approval:
        return f"{number} approved and carried out."
    return f"{number} not carried out: what they would take away is kept."


def drift_line(link: GroupLink) -> str:
    if link.compared_at is None:
        return "Not compared yet"
    parts = [(link.joining, "to join"), (link.leaving, "to leave")]
    found = ", ".join(f"{number:,} {verb}" for number, verb in parts if number)
    return found or "The same people as there"
