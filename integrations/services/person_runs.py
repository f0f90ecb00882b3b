"""Sync this person."""

from __future__ import annotations

from accounts.models import User
from integrations.contract.records import ID_LENGTH
from integrations.models import Connection, Trigger
from integrations.services.runs import Opened, open_run


class NotAnId(ValueError):
    """Empty, or longer than any id of a provider."""


def sync_person(*, connection: Connection, person_id: str, user: User | None) -> Opened:
    """`person_id` is the id at the provider; whether anybody has it, the run finds out."""
    wanted = person_id.strip()
    if not 0 < len(wanted) <= ID_LENGTH or not wanted.isprintable():
        raise NotAnId
    return open_run(
        connection=connection, trigger=Trigger.PERSON, requested_by=user, person_id=wanted
    )
