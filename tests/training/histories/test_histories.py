"""A few generated histories of remediation, the same each time (`make histories` plays many others)."""

import pytest

from tests.passes import thorough
from tests.training.histories.playing import DONE
from tests.training.histories.running import play_many

pytestmark = [pytest.mark.django_db, pytest.mark.timeout(0)]


@pytest.mark.parametrize("number", [15, *thorough([200])])
def test_litmos_and_the_portal_are_as_the_rules_say(stage, number):
    DONE.clear()
    play_many(stage, number, is_random=False)
    assert DONE["histories"] == number
    never = [
        name for name in ("bot marks", "kills", "late workers", "mails compared") if not DONE[name]
    ]
    assert never == []
