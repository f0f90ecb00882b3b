"""Generated histories of remediation, against the rules and the rehearsal Litmos's own record.

HISTORIES: how many, and each time others. HISTORY: the one whose blob a failure has printed.
"""

import os

import hypothesis
import pytest
from hypothesis import HealthCheck, Phase, given, reproduce_failure, settings

from tests.training.histories.plan import steps, worlds

pytestmark = [pytest.mark.django_db, pytest.mark.timeout(0)]
BLOB = os.environ.get("HISTORY", "").encode()
SIZE = settings(
    max_examples=int(os.environ.get("HISTORIES", "60")),
    deadline=None,
    derandomize="HISTORIES" not in os.environ,
    database=None,
    print_blob=True,
    phases=(Phase.generate,) if os.environ.get("NOSHRINK") else (Phase.generate, Phase.shrink),
    suppress_health_check=list(HealthCheck),
)


def test_litmos_and_the_portal_are_as_the_rules_say(stage):
    @SIZE
    @given(world=worlds, history=steps)
    def histories(world, history):
        stage.play(world, history)

    if BLOB:
        histories = reproduce_failure(hypothesis.__version__, BLOB)(histories)
    histories()
