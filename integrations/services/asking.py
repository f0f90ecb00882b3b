"""Asks the provider itself about somebody, while a person waits for the answer."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass

from integrations.contract.errors import IntegrationError, Missing
from integrations.contract.provider import Session
from integrations.contract.records import PersonRecord, TeamRecord
from integrations.models import Connection
from integrations.services.connecting import connect_to

WAITS_SECONDS = 20.0
MOST_ASKED = 5


@dataclass(frozen=True, slots=True)
class Found:
    record: PersonRecord
    teams: tuple[TeamRecord, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """`error_code` is empty when there was an answer; `more` counts those who were found beside the
    first few."""

    people: tuple[Found, ...] = ()
    more: int = 0
    error_code: str = ""
    error_detail: str = ""


def ask_about(*, connection: Connection, text: str) -> Asked:
    """One call for the search, one for each of the first few: nothing is changed."""
    try:
        with closing(connect_to(connection, "ONE", WAITS_SECONDS)) as session:
            records = session.search_people(text)
            people = tuple(_found(session, record) for record in records[:MOST_ASKED])
    except IntegrationError as error:
        return Asked(error_code=error.code, error_detail=error.detail)
    return Asked(people, more=max(0, len(records) - MOST_ASKED))


def _found(session: Session, record: PersonRecord) -> Found:
    try:
        return Found(record, session.read_teams_of(record.integration_id))
    except Missing:
        return Found(record, ())
