from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from integrations.contract.provider import Session
from training.models import Lane


@dataclass(frozen=True, slots=True)
class Turn:
    """One step of a lane: its LMS, the lane, and whether the step has to end."""

    session: Session
    lane: Lane
    is_time_up: Callable[[], bool]
