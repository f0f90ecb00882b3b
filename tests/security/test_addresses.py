"""Every address against everybody: nobody, another account's Administrator, a Viewer, an Administrator;
by GET, by POST, and as a part of a page (htmx)."""

import pytest
from django.test import Client
from django.urls import reverse

from tests.security.addresses import ADDRESSES, APART, OPERATORS, PATTERNS, Who, url_of
from tests.security.snapshot import differences, snapshot

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}
WAYS = (("get", {}), ("post", {}), ("get", HTMX), ("post", HTMX))
#: What an Administrator is told; whether the form was good is not the question here.
FINE = (200, 202, 204, 302, 400, 404, 409, 422, 429)
NAMES = {one.name for one in ADDRESSES}
OF_ACCOUNTS = [one for one in ADDRESSES if one.who in (Who.MEMBER, Who.ADMINISTRATOR)]
OF_TOKENS = [one for one in ADDRESSES if one.who == Who.TOKEN]
WORDS = ("Sales", "Ann Lee", "ann@acme.example", "Autumn", "manager@acme.example", "Nightly")


@pytest.fixture
def from_another_site(alice) -> Client:
    """Alice's browser, made to send what another site has written."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)
    return client


def by(addresses):
    return pytest.mark.parametrize("address", addresses, ids=[one.name for one in addresses])


def asked(client: Client, url: str):
    """The answer to each way of asking."""
    for method, headers in WAYS:
        yield method, headers, getattr(client, method)(url, headers=headers)


def test_row_01_the_table_names_every_address():
    known = {name for name in PATTERNS if not name.startswith(OPERATORS)} - APART
    assert sorted(known ^ NAMES) == []


@by(OF_ACCOUNTS)
def test_row_01_everybody_gets_what_is_theirs(
    address, things, client, as_charlie, as_bob, as_alice, from_another_site
):
    """Only the Administrator may change anything, and only by a POST of a page of ours."""
    url, before = url_of(address, things), snapshot()
    another_account_finds_nothing(as_charlie, url, address)
    assert not any(word in str(differences(before)) for word in WORDS)
    before = snapshot()
    nobody_is_sent_to_the_log_in(client, url)
    a_viewer_sees_what_is_for_viewers(as_bob, url, address)
    looking_is_possible(as_alice, url, address)
    another_site_sends_nothing(from_another_site, url, address)
    assert differences(before) == {}
    an_administrator_gets_in(as_alice, url, address)


def nobody_is_sent_to_the_log_in(client, url):
    for _, headers, answer in asked(client, url):
        if headers:
            assert answer["HX-Redirect"].startswith("/login/"), answer.status_code
        else:
            assert (answer.status_code, answer["Location"][:7]) == (302, "/login/")
        assert not any(word in answer.text for word in WORDS)


def another_account_finds_nothing(as_charlie, url, address):
    for method, _, answer in asked(as_charlie, url):
        if address.thing and method in address.methods:
            assert answer.status_code == 404
        if not answer.streaming:
            assert not any(word in answer.text for word in WORDS)
        assert answer.status_code < 500


def a_viewer_sees_what_is_for_viewers(as_bob, url, address):
    for method, _, answer in asked(as_bob, url):
        if address.who == Who.ADMINISTRATOR:
            assert answer.status_code == 403
        elif method in address.methods:
            assert answer.status_code in FINE
        else:
            assert answer.status_code == 405


def looking_is_possible(as_alice, url, address):
    for headers in ({}, HTMX) if "get" in address.methods else ():
        answer = as_alice.get(url, headers=headers)
        if answer.streaming:
            b"".join(answer.streaming_content)
        assert answer.status_code in (200, 302)


def another_site_sends_nothing(client, url, address):
    for headers in ({}, HTMX):
        expected = (403, 405) if address.who == Who.OPEN else (403,)
        assert client.post(url, headers=headers).status_code in expected


def an_administrator_gets_in(as_alice, url, address):
    for method, _, answer in asked(as_alice, url):
        if method in address.methods:
            assert answer.status_code in FINE
        else:
            assert answer.status_code == 405


@by([one for one in ADDRESSES if one.who in (Who.OPEN, Who.LOGGED_IN, Who.STAFF)])
def test_row_09_no_other_site_sends_a_form(address, things, from_another_site):
    before = snapshot()
    another_site_sends_nothing(from_another_site, url_of(address, things), address)
    assert differences(before) == {}


@by(OF_TOKENS)
def test_row_01_a_session_is_no_token(address, things, as_alice, client):
    url, before = url_of(address, things), snapshot()
    for one in (client, as_alice):
        for method in address.methods:
            answer = getattr(one, method)(url, content_type="application/json")
            assert answer.status_code == 401, url
            assert answer["Content-Type"] == "application/problem+json"
    assert differences(before) == {}


@by([one for one in ADDRESSES if one.who == Who.SECRET and "post" in one.methods])
def test_row_01_a_door_opens_to_its_secret_alone(address, things, client, as_alice):
    url, before = url_of(address, things), snapshot()
    for one in (client, as_alice):
        answer = one.post(url, "{}", content_type="application/json")
        assert answer.status_code in (401, 404)
        assert one.get(url).status_code == 405
    assert differences(before) == {}


@by([one for one in ADDRESSES if one.who == Who.STAFF])
def test_row_01_the_operators_pages_are_not_there_for_others(address, client, as_alice, as_bob):
    url = url_of(address, {})
    assert client.get(url)["Location"].startswith("/login/")
    for one in (as_alice, as_bob):
        assert [answer.status_code for _, _, answer in asked(one, url)] == [404] * 4


@pytest.mark.parametrize("name", sorted(n for n in PATTERNS if n.startswith(OPERATORS)))
def test_row_21_the_admin_is_the_operators_alone(name, client, as_alice, as_bob):
    if name in ("admin:login", "admin:logout", "admin:jsi18n"):
        return
    for one in (client, as_alice, as_bob):
        for method, _, answer in asked(one, _admin_url(name)):
            assert answer.status_code in (302, 403, 404, 405), (name, method)
            assert not any(word in answer.text for word in WORDS)


def _admin_url(name):
    if name == "admin:?":
        return "/admin/nothing/"
    words = {"app_label": "accounts", "url": "x/"}
    names = PATTERNS[name].pattern.converters or PATTERNS[name].pattern.regex.groupindex
    return reverse(name, kwargs={each: words.get(each, "1") for each in names})
