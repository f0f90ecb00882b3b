"""Runs inside a Portal that has synced (`manage.py shell`): the same targets written into another account
by the ORM, row by row and in bulk. Prints one line of JSON."""

from __future__ import annotations

import json
import statistics
import time
from typing import Any

from django_scopes import scopes_disabled

from accounts.models import Account
from targets.models import PersonFields, Target

SINGLE, BATCH, TIMES = 2000, 1000, 3
FIELDS = [field.name for field in PersonFields._meta.get_fields()]


@scopes_disabled()
def measure() -> None:
    people = list(Target.objects.order_by("pk").values(*FIELDS))
    found = {
        "people": len(people),
        "single": _singly(people[:SINGLE]) / SINGLE,
        "bulk": statistics.median(_in_bulk(people, f"Bulk {at}") for at in range(TIMES)),
    }
    print(json.dumps(found))


def _singly(people: list[dict[str, Any]]) -> float:
    account = Account.objects.create(name="Singly")
    begin = time.monotonic()
    for person in people:
        values = {name: value for name, value in person.items() if name != "email_key"}
        Target.objects.update_or_create(
            account=account, email_key=person["email_key"], defaults=values
        )
    return time.monotonic() - begin


def _in_bulk(people: list[dict[str, Any]], name: str) -> float:
    account = Account.objects.create(name=name)
    begin = time.monotonic()
    Target.objects.bulk_create(
        [Target(account=account, **person) for person in people],
        batch_size=BATCH,
        update_conflicts=True,
        unique_fields=["account", "email_key"],
        update_fields=[field for field in FIELDS if field != "email_key"],
    )
    return time.monotonic() - begin
