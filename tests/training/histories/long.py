"""As many histories as HISTORIES asks for, each time others (`make histories`)."""

import json
import os
from pathlib import Path

import pytest

from tests.training.histories.playing import DONE
from tests.training.histories.running import play_many

pytestmark = [pytest.mark.django_db, pytest.mark.timeout(0)]


def test_histories(stage):
    DONE.clear()
    try:
        play_many(
            stage,
            int(os.environ["HISTORIES"]),
            is_random=True,
            is_shrunk=os.environ["HISTORIES_SHRINK"] != "0",
            blob=os.environ["HISTORY"],
        )
    finally:
        Path(os.environ["HISTORIES_REPORT"]).write_text(json.dumps(DONE))
