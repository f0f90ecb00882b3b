import pytest

from accounts.models import Role
from tests.factories import MembershipFactory

SETTINGS = "/administration/account/"


@pytest.fixture
def alice_of_both(alice, globex):
    MembershipFactory(user=alice, account=globex, role=Role.VIEWER)
    return alice


def test_switch_and_back(as_alice, alice_of_both, acme, globex):
    before = as_alice.session.session_key
    answer = as_alice.post("/account/switch/", {"account": globex.pk})
    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert as_alice.session.session_key != before
    assert as_alice.get(SETTINGS).status_code == 403

    as_alice.post("/account/switch/", {"account": acme.pk})
    page = as_alice.get(SETTINGS)
    assert (page.status_code, page.context["account"]) == (200, acme)
    assert "You are now in Acme." in page.text


def test_only_accounts_of_mine_are_offered(as_alice, alice_of_both, as_bob, acme, globex):
    assert as_alice.get(SETTINGS).context["switchable"] == [acme, globex]
    assert as_bob.get(SETTINGS).context["switchable"] == [acme]


@pytest.mark.parametrize("account", ["", "abc", "-1", "²", "0", str(10**30), "1,2"])
def test_nonsense_is_not_found(as_alice, account):
    assert as_alice.post("/account/switch/", {"account": account}).status_code == 404


def test_an_account_of_others_is_not_found(as_alice, acme, charlie, globex):
    assert as_alice.post("/account/switch/", {"account": globex.pk}).status_code == 404
    assert as_alice.get(SETTINGS).context["account"] == acme


def test_losing_the_membership_leads_back_to_an_account_of_mine(
    as_alice, alice_of_both, acme, globex
):
    as_alice.post("/account/switch/", {"account": globex.pk})
    alice_of_both.memberships.filter(account=globex).delete()
    assert as_alice.get(SETTINGS).context["account"] == acme


def test_switching_is_by_post_and_for_members(as_alice, client, acme):
    assert as_alice.get("/account/switch/").status_code == 405
    assert client.post("/account/switch/", {"account": acme.pk})["Location"].startswith("/login/")
