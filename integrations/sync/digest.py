"""Tells whether two plans are the same, whatever the order they were made in."""

from __future__ import annotations

import json
from hashlib import blake2b, sha256

from integrations.models import Change, SyncRun
from integrations.sync.drafts import Draft

PROPOSED = (
    "kind",
    "action",
    "reason",
    "reason_args",
    "integration_id",
    "team_id",
    "label",
    "detail",
    "target_id",
    "group_id",
    "course_id",
    "team_ids",
    "before",
    "after",
)


def digest_of(row: Draft) -> str:
    """32 characters over what the row proposes; what becomes of it (its outcome) is left out."""
    proposed = json.dumps([getattr(row, name) for name in PROPOSED], sort_keys=True)
    return blake2b(proposed.encode(), digest_size=16).hexdigest()


def plan_hash(run: SyncRun) -> str:
    """Over all rows of the run's plan; the outcome counts here, as what is held is not carried out."""
    rows = Change.objects.filter(run=run).order_by("digest", "outcome")
    whole = sha256()
    for digest, outcome in rows.values_list("digest", "outcome").iterator(chunk_size=5000):
        whole.update(f"{digest}{outcome}".encode())
    return whole.hexdigest()
