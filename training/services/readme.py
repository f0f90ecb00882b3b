"""What an evidence pack tells of itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

COLUMNS: dict[str, str] = {
    "Enrolment": "the enrolment's number in the Portal: the same in both files",
    "Person": "the name; empty for somebody who is no target in the Portal",
    "E-mail": "the address",
    "Groups": "the groups in which the person was active when the pack was made",
    "Campaign": "the campaign that the action belongs to",
    "Failing action": "the first thing the person did there that counts as failing",
    "Told by": "how the Portal learned of it: GoPhish, a CSV or the API",
    "Failing actions": "how many there were in that campaign, without those of bots",
    "Course": "the course to be taken",
    "Rule": "the rule for repeat offenders that asked for the course; empty: the campaign itself",
    "State": "how far the enrolment was when the pack was made",
    "Reason": "why it is in that state, where there is more to say, such as completed before the action",
    "Asked": "when the LMS was last asked for it",
    "Assigned": "when the course was read back from the person's list at the LMS",
    "Completed": "when it was completed, as the LMS tells it",
    "LMS": "where the course is taken",
    "Step": "what kind of step it was",
    "What happened": "the step in words",
    "When": "when it happened",
}
ABOUT = {
    "people.csv": "Who failed: one line for each person and campaign.",
    "enrolments.csv": "What was assigned, and when it was finished: one line for each enrolment.",
    "timeline.csv": "Every step of these enrolments, in the order of their numbers.",
}


@dataclass(frozen=True, slots=True)
class Told:
    title: str
    account: str
    made_by: str
    made_at: datetime
    counts: Mapping[str, int]
    sums: Mapping[str, str]


def readme(told: Told, headers: Mapping[str, Sequence[str]]) -> str:
    lines = [
        "EVIDENCE PACK",
        "",
        f"Account:  {_flat(told.account)}",
        f"About:    {_flat(told.title)}",
        f"Made:     {told.made_at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC",
        f"Made by:  {_flat(told.made_by)}",
        "",
        "All times are UTC. A cell that a spreadsheet would take for a formula begins with '.",
    ]
    for name, header in headers.items():
        lines += ["", "", f"{name}, lines below the headings: {told.counts[name]}", ""]
        lines += [ABOUT[name], ""]
        lines += [f"  {column + ':':17}{COLUMNS[column]}" for column in header]
    lines += ["", "", "SHA-256 of each file", ""]
    lines += [f"{digest}  {name}" for name, digest in told.sums.items()]
    return "\n".join(lines) + "\n"


def _flat(text: str) -> str:
    """In one line, so that a name can't look like a line of ours."""
    return " ".join(text.split())
