"""Codes of remediation in words."""

from __future__ import annotations

from typing import Any

from integrations.wording import error_sentence
from training.models import Enrollment, State, Step, TimelineEntry

REASONS: dict[str, str] = {
    "no_lms": "The person's group has no LMS. Choose one under Manage Groups, Set LMS.",
    "course_elsewhere": "The course belongs to another LMS than the person's group.",
    "course_inactive": "The course is inactive or gone at the LMS. Choose another for the campaign.",
    "integration_off": "The integration is turned off. Set Active to Yes, then ask again.",
    "no_key": "The integration has no API key. Set it up, then ask again.",
    "no_account": "Nobody at the LMS has this person's e-mail. Add them there, then ask again.",
    "person_missing": "The person is no longer at the LMS.",
    "gone_at_lms": "The person is inactive at the LMS, or gone.",
    "not_taken": "The LMS took the request three times and still does not list the course.",
    "already": "It was assigned at the LMS before.",
    "bot": "The action was a bot's.",
    "by_hand": "By an Administrator.",
    "campaign_ended": "The campaign ended before it was asked for.",
}


def reason_sentence(code: str, detail: str = "") -> str:
    if not code:
        return ""
    return REASONS.get(code) or " ".join(error_sentence(code, detail, "The LMS"))


def enrollment_reason(row: Enrollment) -> str:
    return reason_sentence(row.reason, row.detail)


def timeline_sentence(entry: TimelineEntry, row: Enrollment) -> str:
    values: dict[str, Any] = entry.values
    told = reason_sentence(str(values.get("reason", "")), str(values.get("detail", "")))
    match entry.step:
        case Step.ACTED:
            return f"{row.action.get_kind_display()} in “{row.campaign}”, told by {row.action.get_door_display()}."
        case Step.NO_BOT:
            return "The action is not marked as a bot's."
        case Step.WAITING:
            minutes = row.campaign.waiting_minutes
            return f"Waits {minutes} minutes, in case the action turns out to be a bot's."
        case Step.ASKED:
            mailed = "with" if values.get("mailed") else "without"
            return f"The LMS was asked for “{row.course}”, {mailed} its own e-mail."
        case Step.VERIFIED:
            if values.get("already"):
                return "Read back: the course had been assigned before."
            return "Read back: the course is on the person's list at the LMS."
        case Step.STARTED:
            return "The person has begun."
        case Step.DELAYED:
            return f"{told} It is tried again by itself."
        case Step.AGAIN:
            return "An Administrator asked for it again."
        case Step.COMPLETED:
            return told or "The LMS says that the course is completed."
        case Step.OVERDUE:
            return "The LMS says that the course is overdue."
    return told


COLOURS = {
    State.WAITING: "blue",
    State.REQUESTED: "blue",
    State.ASSIGNED: "azure",
    State.IN_PROGRESS: "azure",
    State.COMPLETED: "green",
    State.OVERDUE: "orange",
    State.NOT_POSSIBLE: "orange",
    State.FAILED: "red",
    State.WITHDRAWN: "secondary",
}
