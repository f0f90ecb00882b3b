"""The plan is made: its hash is kept, and a run that was to carry out a preview finds out if it may."""

from __future__ import annotations

from integrations.models import SyncRun
from integrations.sync.digest import plan_hash


def seal(run: SyncRun, _after: int) -> None:
    """Something moved since the preview: then this is a preview itself, and nothing is applied."""
    run.plan_hash = plan_hash(run)
    if run.preview and run.plan_hash != run.preview.plan_hash:
        run.is_preview = True
