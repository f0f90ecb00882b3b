import logging
from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone
from django_scopes import scope, scopes_disabled

from accounts.models import ApiToken, AuditEvent, Membership, Role
from accounts.tokens import REFUSALS, Refused, make_token, revoke_token, token_of
from tests.logging_in import confirm

pytestmark = pytest.mark.django_db
LIST, NEW = "/administration/api/", "/administration/api/new/"
CHOSEN = {"name": "SIEM", "scopes": ["ACTIONS_WRITE"], "expires": "90"}


@pytest.fixture
def as_alice(as_alice):
    return confirm(as_alice)


@pytest.fixture
def made(acme, alice):
    """The row and the token itself."""
    with scope(account=acme):
        return make_token(account=acme, user=alice, name="SIEM", scopes=["ACTIONS_WRITE"])


def shown_in(page):
    return (
        page.partition('role="status"')[2]
        .partition("<code")[2]
        .partition("</code>")[0]
        .split(">")[1]
    )


def refused(value):
    with pytest.raises(Refused) as told:
        token_of(value)
    return str(told.value)


def test_a_token_opens_its_account(made, acme, alice):
    found = token_of(made[1])
    assert (found.pk, found.account, found.made_by) == (made[0].pk, acme, alice)


def test_what_is_stored_does_not_open(made):
    row, value = made
    assert value.startswith("ptl_")
    assert len(value) > 40
    assert value not in [str(getattr(row, field.attname)) for field in row._meta.fields]
    assert refused(row.hash) == refused("") == refused("ptl_") == "This token is not known."


def test_expired(made):
    with scopes_disabled():
        ApiToken.objects.update(expires_at=timezone.now())
    assert refused(made[1]) == REFUSALS["EXPIRED"]
    with scopes_disabled():
        ApiToken.objects.update(expires_at=timezone.now() + timedelta(minutes=1))
    assert token_of(made[1])


def test_revoked(made, acme):
    with scope(account=acme):
        revoke_token(token=made[0])
        revoke_token(token=made[0])
        events = AuditEvent.objects.filter(kind="API_TOKEN_REVOKED")
        assert [event.subject for event in events] == [f"SIEM (…{made[1][-4:]})"]
    assert refused(made[1]) == REFUSALS["REVOKED"]


def lose_role(user):
    Membership.objects.filter(user=user).update(role=Role.VIEWER)


def lose_account(user):
    Membership.objects.filter(user=user).delete()


def be_deactivated(user):
    user.is_active = False
    user.save()


def be_deleted(user):
    user.delete()


@pytest.mark.parametrize("happen", [lose_role, lose_account, be_deactivated, be_deleted])
def test_it_works_as_long_as_its_maker_is_an_administrator(made, alice, happen):
    happen(alice)
    assert refused(made[1]) == REFUSALS["UNBACKED"]


def test_an_administrator_of_another_account_does_not_back_it(made, alice, globex):
    Membership.objects.filter(user=alice).update(account=globex)
    assert refused(made[1]) == REFUSALS["UNBACKED"]


def test_made_on_the_page_shown_once_and_kept_nowhere(as_alice, acme, caplog):
    caplog.set_level(logging.DEBUG)
    page = as_alice.post(NEW, CHOSEN).content.decode()
    value = shown_in(page)
    token = token_of(value)
    assert (token.name, token.scopes, token.made_by.name) == ("SIEM", ["ACTIONS_WRITE"], "Alice")
    days = (token.expires_at - timezone.now()) / timedelta(days=1)
    assert 89.9 < days <= 90
    later = as_alice.get(LIST).content.decode()
    log = as_alice.get("/administration/audit/").content.decode()
    Client().post("/api/v1/actions", headers={"Authorization": f"Bearer {value}"})
    told = [later, log, caplog.text, str(mail.outbox), str(as_alice.session.items())]
    with scope(account=acme):
        told.append(str(list(AuditEvent.objects.values())))
    assert f"…{value[-4:]}" in later
    assert "Made an API token: SIEM" in log
    assert [place for place in told if value in place] == []


@pytest.mark.parametrize(
    ("bad", "told"),
    [
        ({"name": ""}, "This field is required."),
        ({"name": "x" * 101}, "at most 100 characters"),
        ({"name": "a\x00"}, "Null characters are not allowed."),
        ({"name": "a\u202eb"}, "The name holds signs that can"),
        ({"scopes": []}, "Choose at least one thing"),
        ({"scopes": ["ALL"]}, "ALL is not one of the available choices."),
        ({"expires": "9"}, "9 is not one of the available choices."),
    ],
)
def test_what_a_form_must_not_say(as_alice, acme, bad, told):
    page = as_alice.post(NEW, CHOSEN | bad)
    assert page.status_code == 200
    assert told in page.content.decode()
    with scope(account=acme):
        assert not ApiToken.objects.exists()


def test_it_may_never_expire(as_alice, acme):
    as_alice.post(NEW, CHOSEN | {"expires": ""})
    with scope(account=acme):
        assert ApiToken.objects.get().expires_at is None


def test_before_the_first_token_the_page_says_what_it_is_for(as_alice):
    page = as_alice.get(LIST).content.decode()
    assert "There are no tokens yet" in page
    assert "curl http://testserver/api/v1/actions" in page


def test_the_list_tells_the_state_of_each(as_alice, acme, alice, globex, charlie):
    now = timezone.now()
    states = {"a": {}, "b": {"expires_at": now}, "c": {"revoked_at": now}, "d": {"made_by": None}}
    for name, values in states.items():
        with scope(account=acme):
            row, _ = make_token(account=acme, user=alice, name=name, scopes=["ACTIONS_WRITE"])
            ApiToken.objects.filter(pk=row.pk).update(**values)
    with scope(account=globex):
        make_token(account=globex, user=charlie, name="theirs", scopes=[])
    page = as_alice.get(LIST)
    lines = [(line.token.name, line.refusal) for line in page.context["lines"]]
    assert lines == [("a", ""), ("b", "EXPIRED"), ("d", "UNBACKED"), ("c", "REVOKED")]
    assert page.content.decode().count("/revoke/") == 3


def test_the_list_asks_as_little_for_many(as_alice, acme, alice, django_assert_max_num_queries):
    with scope(account=acme):
        for number in range(30):
            make_token(account=acme, user=alice, name=f"n{number}", scopes=["ACTIONS_WRITE"])
    with django_assert_max_num_queries(6):
        as_alice.get(LIST)


def test_revoking_asks_first(as_alice, made):
    address = f"{LIST}{made[0].pk}/revoke/"
    assert "Revoke SIEM?" in as_alice.get(address).content.decode()
    assert token_of(made[1])
    page = as_alice.post(address, follow=True)
    assert "is revoked. It no longer works." in page.content.decode()
    assert refused(made[1]) == REFUSALS["REVOKED"]
    assert as_alice.post(address).status_code == 404


def addresses(made):
    return [LIST, NEW, f"{LIST}{made[0].pk}/revoke/"]


def test_each_page_asks_for_login(made):
    for address in addresses(made):
        assert Client().get(address).headers["Location"].startswith("/login/")


def test_each_page_refuses_a_viewer(as_bob, made):
    for address in addresses(made):
        assert as_bob.get(address).status_code == 403
        assert as_bob.post(address, CHOSEN).status_code in (403, 405)
    assert token_of(made[1])


def test_a_token_of_another_account_is_not_there(as_charlie, made):
    address = addresses(made)[2]
    assert (as_charlie.get(address).status_code, as_charlie.post(address).status_code) == (404, 404)
    assert token_of(made[1])


def test_the_description_is_for_those_who_may_use_it(as_alice, as_bob, made):
    address = "/api/v1/openapi.json"
    described = as_alice.get(address).json()
    assert {"/api/v1/actions", "/api/v1/runs"} <= set(described["paths"])
    bearer = {"Authorization": f"Bearer {made[1]}"}
    assert Client().get(address, headers=bearer).json() == described
    assert (as_bob.get(address).status_code, Client().get(address).status_code) == (401, 401)


def test_an_address_that_is_none_is_answered_as_a_problem(as_alice):
    for address in ("/api/v1/nothing", "/api/v2/actions"):
        answer = as_alice.get(address)
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
