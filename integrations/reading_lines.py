"""How a run read, or is going to read, in plain lines."""

from __future__ import annotations

from typing import Any

from django.conf import settings

from integrations.models import Mirror
from integrations.sentences import ANOTHER_REASON, WHY_EVERYTHING


def reading_lines(reading: dict[str, Any], provider: str) -> list[str]:
    """The plan first, then why everything is read, then what a comparison found; [] before there is a
    plan."""
    if not reading:
        return []
    lines = [_plan(reading)]
    if reading.get("why"):
        lines.append(why_everything(reading["why"], provider))
    if reading.get("shadow"):
        lines.append(_comparison(reading["shadow"], provider))
    return lines


def nightly_line(mirror: Mirror | None) -> str:
    """How the next night is going to read."""
    if mirror is None or settings.CHANGES == "off":
        return "Reads everything"
    if mirror.agreed >= settings.CHANGES_AGREE and settings.CHANGES == "auto":
        return "Reads only what has changed, and once a week everything"
    return (
        "Reads everything, and compares it with the changes alone: "
        f"{mirror.agreed:,} of {settings.CHANGES_AGREE:,} times the same"
    )


def why_everything(code: str, provider: str) -> str:
    return WHY_EVERYTHING.get(code, ANOTHER_REASON).replace("{provider}", provider)


def _plan(reading: dict[str, Any]) -> str:
    what = _what(reading)
    line = f"{what[0].upper()}{what[1:]}: at least {reading['calls']:,} API calls"
    everybody = reading.get("ways", {}).get("ALL")
    if reading["way"] in ("CHANGES", "SINGLES") and everybody:
        line += f", instead of {everybody:,} for everybody"
    return line


def _what(reading: dict[str, Any]) -> str:
    teams = reading.get("teams", 0)
    of_teams = f"the members of {teams:,} team{'' if teams == 1 else 's'}"
    if reading["way"] == "PERSON":
        return "one person with their teams"
    if reading["way"] == "CHANGES":
        return "only what has changed since the last sync"
    if reading["way"] == "SINGLES":
        return f"{of_teams}, then those people one by one"
    return f"everybody, and {of_teams}" if teams else "no people, as there is no team to follow"


def _comparison(found: dict[str, Any], provider: str) -> str:
    if "refused" in found:
        return f"Not compared with the changes alone: {why_everything(found['refused'], provider)}"
    if found["people"] or found["members"]:
        return (
            f"Compared with the changes alone: {found['people']:,} people and "
            f"{found['members']:,} memberships differ"
        )
    changes = f"{found['changed']:,} change{'' if found['changed'] == 1 else 's'}"
    return f"Compared with the changes alone: they lead to the same ({changes})"
