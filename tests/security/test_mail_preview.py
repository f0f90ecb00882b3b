"""What is previewed of an e-mail is text, whatever things are called."""

import pytest

from accounts.models import Account

pytestmark = pytest.mark.django_db
EVIL = '<img src=x onerror=alert(1)>"><svg/onload=alert(2)>'
SETTING = "/administration/account/notifications/{}/{}"
KINDS = ("integration_sync_finished", "integration_changes_decided", "integration_drift_report")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("part", ["", "preview/", "preview/html/", "preview/?ending=FAILED"])
def test_row_27_a_preview_shows_names_as_text(kind, part, as_alice, acme):
    Account.objects.filter(pk=acme.pk).update(name=EVIL)
    page = as_alice.get(SETTING.format(kind, part))
    assert page.status_code == 200
    assert "<img src=x" not in page.text
    assert "<svg/" not in page.text
