"""Which fields of people follow the provider, and what one person's fields look like there."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass, field

from django.db import transaction

from accounts import audit
from accounts.models import User
from integrations.contract.errors import IntegrationError
from integrations.contract.provider import Session
from integrations.contract.records import PersonRecord
from integrations.models import Connection, FieldRule, TargetLink
from integrations.services.asking import WAITS_SECONDS
from integrations.services.connecting import connect_to


@dataclass(frozen=True, slots=True)
class Example:
    """`values` maps the Portal's field names to what the provider has; `error_code` is empty when there
    was an answer, and both are when it has nobody."""

    values: dict[str, str] = field(default_factory=dict)
    error_code: str = ""
    error_detail: str = ""


@transaction.atomic
def save_field_rules(*, connection: Connection, user: User | None, rules: dict[str, str]) -> None:
    """`rules` maps fields to a FieldRule; what is followed needs none. They count from the next run on."""
    kept = {name: rule for name, rule in sorted(rules.items()) if rule != FieldRule.FOLLOW}
    names = {*kept, *connection.field_rules}
    audit.record_change(
        account=connection.account,
        user=user,
        kind="FIELDS_SAVED",
        subject=connection.provider,
        before={name: connection.field_rules.get(name, FieldRule.FOLLOW) for name in names},
        after={name: kept.get(name, FieldRule.FOLLOW) for name in names},
    )
    connection.field_rules = kept
    connection.save(update_fields=["field_rules"])


def read_example(connection: Connection) -> Example:
    """Somebody who came over before, else the first one there: one call, two if that person is gone."""
    try:
        with closing(connect_to(connection, "ONE", WAITS_SECONDS)) as session:
            record = _known_person(session, connection) or _first_person(session)
    except IntegrationError as error:
        return Example(error_code=error.code, error_detail=error.detail)
    return Example({"email": record.email, **record.fields} if record else {})


def _known_person(session: Session, connection: Connection) -> PersonRecord | None:
    links = TargetLink.objects.filter(connection=connection, gone_at=None)
    link = links.order_by("pk").first()
    return session.find_person(link.integration_id) if link else None


def _first_person(session: Session) -> PersonRecord | None:
    return next(iter(session.read_people(0).records), None)
