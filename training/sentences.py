"""Codes of remediation in words."""

from __future__ import annotations

from typing import Any

from integrations.wording import error_sentence
from training.models import (
    DONE_BEFORE,
    Action,
    ActionKind,
    Campaign,
    Door,
    Enrollment,
    State,
    Step,
    TimelineEntry,
)

REASONS: dict[str, str] = {
    "no_lms": "The person's group has no LMS. Choose one under Manage Groups, Set LMS.",
    "course_elsewhere": "The course belongs to another LMS than the person's group.",
    "course_missing": "The course is no longer at the LMS. Replace it, or choose another for the campaign.",
    "course_inactive": "The course is inactive or gone at the LMS. Choose another for the campaign.",
    "integration_off": "The integration is turned off. Set Active to Yes, then ask again.",
    "no_key": "The integration has no API key. Set it up, then ask again.",
    "no_account": "Nobody at the LMS has this person's e-mail. Add them there, then ask again.",
    "person_missing": "The person is no longer at the LMS.",
    "gone_at_lms": "The person is inactive at the LMS, or gone.",
    "not_withdrawn": "The LMS does not take it back: it came with a learning path. It stays assigned.",
    "not_taken": "The LMS took the request three times and still does not list the course.",
    DONE_BEFORE: "The person had completed it before the action. It does not count as remediation.",
    "made_anew": "The person was made anew at the LMS, so it is asked for again.",
    "already": "It was assigned at the LMS before.",
    "bot": "The action was a bot's.",
    "by_hand": "By an Administrator.",
    "moved_on": "It has moved on meanwhile.",
    "twin": "The person has the same course open already.",
    "campaign_ended": "The campaign ended before it was asked for.",
}


def reason_sentence(code: str, detail: str = "") -> str:
    if not code:
        return ""
    return REASONS.get(code) or " ".join(error_sentence(code, detail, "The LMS"))


def enrollment_reason(row: Enrollment) -> str:
    return reason_sentence(row.reason, row.detail)


ACTED = "{action} in “{campaign}”, told by {door}."
SENTENCES: dict[str, str] = {
    Step.REPEATED: "Failed {failures} campaigns within {days} days: the rule “{rule}” applies.",
    Step.NO_BOT: "The action is not marked as a bot's.",
    Step.WAITING: "Waits {minutes} minute{s}, in case the action turns out to be a bot's.",
    Step.ASKED: "The LMS was asked for “{course}”, {mailed} its own e-mail.",
    Step.VERIFIED: "Read back: the course is on the person's list at the LMS{before}.",
    Step.STARTED: "The person has begun.",
    Step.DELAYED: "{reason} It is tried again by itself.",
    Step.REPLACED: "“{new}” took the place of “{old}”.",
    Step.AGAIN: "An Administrator asked for it again.",
    Step.WITHDRAWING: "{reason} The LMS is asked to take it back.",
    Step.OVERDUE: "The LMS says that the course is overdue.",
}
COMPLETED = "The LMS says that the course is completed."


def action_sentence(action: Action) -> str:
    return _acted(action, action.campaign)


def _acted(action: Action, campaign: Campaign) -> str:
    kind, door = ActionKind(action.kind).label, Door(action.door).label
    return ACTED.format(action=kind, campaign=campaign, door=door)


def timeline_sentence(entry: TimelineEntry, row: Enrollment) -> str:
    if entry.step == Step.ACTED:
        return _acted(row.action, row.campaign)
    values: dict[str, Any] = entry.values
    told = reason_sentence(str(values.get("reason", "")), str(values.get("detail", "")))
    if entry.step == Step.WAITING and not values.get("minutes"):
        return "Is due at once."
    if entry.step == Step.AGAIN and told:
        return told
    if values.get("reason") == DONE_BEFORE:
        return f"The person had completed it before, on {values.get('on')}."
    if entry.step not in SENTENCES:
        return told or (COMPLETED if entry.step == Step.COMPLETED else "")
    return SENTENCES[entry.step].format(
        minutes=values.get("minutes"),
        s="" if values.get("minutes") == 1 else "s",
        course=row.course,
        mailed="with" if values.get("mailed") else "without",
        failures=values.get("failures"),
        days=values.get("days"),
        rule=values.get("rule"),
        old=values.get("old"),
        new=values.get("new"),
        before=", and was before" if values.get("already") else "",
        reason=told,
    )


COLOURS = {
    State.WAITING: "blue",
    State.REQUESTED: "blue",
    State.ASSIGNED: "azure",
    State.IN_PROGRESS: "azure",
    State.COMPLETED: "green",
    State.OVERDUE: "orange",
    State.NOT_POSSIBLE: "orange",
    State.FAILED: "red",
    State.WITHDRAWING: "secondary",
    State.WITHDRAWN: "secondary",
}
