"""As many sequences as SOAK_SEQUENCES and SOAK_MINUTES ask for, each time others (`make soak`)."""

import json
import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test

from tests.soak.machine import SIZE, Machine
from tests.soak.stepping import DONE

pytestmark = [pytest.mark.django_db, pytest.mark.timeout(0)]
SEQUENCES = int(os.environ.get("SOAK_SEQUENCES", "2000"))
MINUTES = float(os.environ.get("SOAK_MINUTES", "20"))


def test_soak() -> None:
    DONE.clear()
    try:
        for _ in _while_asked_for():
            run_state_machine_as_test(Machine, settings=settings(SIZE, derandomize=False))
    finally:
        Path(os.environ["SOAK_REPORT"]).write_text(json.dumps(DONE))


def _while_asked_for() -> Iterator[None]:
    """Until both the sequences and the minutes are reached."""
    end = time.monotonic() + 60 * MINUTES
    while DONE["sequences"] < SEQUENCES or time.monotonic() < end:
        yield
