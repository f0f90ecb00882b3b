"""Everything that is stored, to see whether anything has changed."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django_scopes import scopes_disabled

#: A session is the browser's own, and is made by looking at a form.
LEFT_OUT = {"Session"}


def snapshot() -> dict[str, list[Any]]:
    with scopes_disabled():
        return {
            model._meta.label: sorted(
                model._base_manager.values_list(), key=lambda row: str(row[0])
            )
            for model in apps.get_models()
            if model.__name__ not in LEFT_OUT
        }


def differences(before: dict[str, list[Any]]) -> dict[str, list[Any]]:
    """What is new or other. That something was exported is logged by whoever looks: no more than that."""
    after = snapshot()
    changed = {
        name: [row for row in after[name] if row not in before[name]]
        for name in after
        if after[name] != before[name]
    }
    logged = changed.get("accounts.AuditEvent", [])
    if logged and all({"EXPORTED", "TARGET_EXPORTED"} & set(map(str, row)) for row in logged):
        del changed["accounts.AuditEvent"]
    return changed
