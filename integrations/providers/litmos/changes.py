"""The feeds of changes (/org/*): who was created or changed, and who joined or left a team.

They take a range of at most 7 days, and `to` must lie in the future to cover today; in which zone it is
meant is not documented. Of deleted people nothing says that they appear.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from integrations.contract.records import ChangedPerson, MoveRecord, Rejected
from integrations.providers.litmos.mapping import member_id, person_record
from integrations.providers.litmos.progress import moment

LONGEST_RANGE = timedelta(days=7)


def as_asked(when: datetime) -> str:
    return when.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")


def changed_person(row: Any) -> ChangedPerson | Rejected:
    made = person_record(row)
    if isinstance(made, Rejected):
        return made
    changed_at = _changed_at(row)
    if changed_at is None:
        return Rejected(made.integration_id, "no UpdatedDate")
    return ChangedPerson(made, changed_at, made.lacks)


def move_record(row: Any) -> MoveRecord | Rejected:
    person_id = member_id(row)
    if isinstance(person_id, Rejected):
        return person_id
    values = {str(name).lower(): value for name, value in row.items()}
    team_id = member_id({"Id": values.get("teamid")})
    changed_at, is_active = _changed_at(row), values.get("active")
    if isinstance(team_id, Rejected) or changed_at is None or not isinstance(is_active, bool):
        return Rejected(person_id, "no TeamId, UpdatedDate or Active")
    return MoveRecord(team_id, person_id, is_active, changed_at)


def _changed_at(row: dict[str, Any]) -> datetime | None:
    values = {str(name).lower(): value for name, value in row.items()}
    return moment(values.get("updateddate"))
