"""Which tokens are shown, and in which order."""

import re
from datetime import timedelta

import pytest
from django.utils.timezone import now
from django_scopes import scope

from accounts.models import ApiToken, Role, Scope
from accounts.tokens import make_token
from tests.factories import MembershipFactory

pytestmark = pytest.mark.django_db
TOKENS = "/administration/api/"


@pytest.fixture(autouse=True)
def tokens(acme, alice):
    ben = MembershipFactory(account=acme, role=Role.VIEWER, user__email="ben@acme.example").user
    values = {
        "siem": (alice, {"expires_at": now() + timedelta(days=9)}),
        "erp": (alice, {"expires_at": now() - timedelta(days=1), "last_used_at": now()}),
        "old": (alice, {"revoked_at": now(), "expires_at": now() - timedelta(days=3)}),
        "hr": (ben, {}),
    }
    with scope(account=acme):
        for name, (user, more) in values.items():
            made, _ = make_token(account=acme, user=user, name=name, scopes=[Scope.READ])
            ApiToken.objects.filter(pk=made.pk).update(**more)


def shown(client, query: str) -> list[str]:
    page = client.get(f"{TOKENS}?{query}").content.decode()
    return re.findall(r'<th scope="row"[^>]*>(\w+) ', page)


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", ["siem", "erp", "hr", "old"]),
        ("sort=-name", ["siem", "old", "hr", "erp"]),
        ("sort=-used", ["erp", "hr", "old", "siem"]),
        ("sort=expires", ["hr", "old", "erp", "siem"]),
        ("sort=hash", ["siem", "erp", "hr", "old"]),
        ("q=ALICE", ["siem", "erp", "old"]),
        ("q=SIE", ["siem"]),
        ("q=ben@", ["hr"]),
        ("state=works", ["siem"]),
        ("state=expired", ["erp"]),
        ("state=refused", ["hr"]),
        ("state=revoked", ["old"]),
    ],
)
def test_which_are_shown(as_alice, query, names):
    assert shown(as_alice, query) == names


def test_none_matches(as_alice):
    page = as_alice.get(f"{TOKENS}?q=nothing").content.decode()
    assert "No token matches" in page
    assert "Clear the filter" in page
    assert "There are no tokens yet" not in page


def test_none_yet(as_charlie):
    assert "There are no tokens yet" in as_charlie.get(TOKENS).content.decode()
