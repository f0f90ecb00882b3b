"""The key goes in and never comes out."""

import pytest
from django.utils import timezone

from tests.integrations.views.conftest import text
from tests.integrations.views.provider import GOOD_KEY
from tests.integrations.views.test_setup import SETUP, failed, send
from tests.logging_in import confirm

pytestmark = pytest.mark.usefixtures("in_acme")


@pytest.fixture
def as_alice(as_alice):
    return confirm(as_alice)


def test_the_stored_key_is_told_of_and_never_shown(as_alice, alice, connection):
    connection.key_set_at, connection.key_set_by = timezone.now(), alice
    connection.save()
    said, html = text(as_alice.get(SETUP)), as_alice.get(SETUP).content.decode()
    assert "A key ending in 6789 is stored (set on " in said
    assert "by Alice). Leave the field empty to keep it." in said
    assert GOOD_KEY not in html
    assert connection.api_key_sealed not in html
    assert connection.api_key_fingerprint not in html


@pytest.mark.parametrize("action", ["test", "save", "search", "enter", "anything"])
def test_a_typed_key_never_comes_back(as_alice, site, action):
    site.failure = failed("HOST", "timeout")
    for changes in ({}, {"region": "nowhere"}, {"sync_content": "x"}, {"sync_all_groups": "no"}):
        page = send(as_alice, action, api_key="CANARY-0123456789", **changes)
        assert "CANARY" not in page.content.decode()
        assert page.status_code == 200
    assert "CANARY" not in as_alice.get(SETUP).content.decode()
