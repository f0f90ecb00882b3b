import pytest
from django.urls import get_resolver
from django.urls.resolvers import URLPattern, URLResolver

POLICY = {
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "object-src 'none'",
    "frame-ancestors 'none'",
}
PAGES = [
    ("/login/", 200),
    ("/logout/", 200),
    ("/accounts/signup/", 200),
    ("/accounts/password/reset/", 200),
    ("/accounts/password/reset/done/", 200),
    ("/accounts/password/change/", 200),
    ("/accounts/inactive/", 200),
    ("/administration/account/", 200),
    ("/administration/account/notifications/", 200),
    ("/account/switch/", 405),
    ("/not/there/", 404),
    ("/?q=%00", 400),
]


def assert_guarded(answer):
    assert set(answer["Content-Security-Policy"].split("; ")) == POLICY
    assert "no-store" in answer["Cache-Control"]
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Referrer-Policy"] == "same-origin"
    assert answer["Cross-Origin-Opener-Policy"] == "same-origin"


@pytest.mark.parametrize(("address", "status"), PAGES)
def test_every_answer_is_guarded(as_alice, client, address, status):
    answer = as_alice.get(address)
    if address not in {"/login/", "/accounts/signup/"}:
        assert answer.status_code == status
    assert_guarded(answer)
    assert_guarded(client.get(address))


def plain_addresses(resolver: URLResolver, prefix: str = "/") -> list[str]:
    """Every address of the Portal that has no part to fill in; Django's own admin left out."""
    found = []
    for pattern in resolver.url_patterns:
        address = prefix + str(pattern.pattern).removeprefix("^").removesuffix("$")
        if isinstance(pattern, URLPattern):
            found.append(address)
        elif address != "/admin/":
            found += plain_addresses(pattern, address)
    return [address for address in found if "<" not in address]


@pytest.mark.parametrize("address", plain_addresses(get_resolver()))
def test_no_address_is_forgotten(as_alice, client, address):
    for visitor in (as_alice, client):
        answer = visitor.get(address)
        assert answer.status_code < 500
        assert_guarded(answer)


def test_a_refused_form_is_guarded(client):
    from django.test import Client

    assert_guarded(Client(enforce_csrf_checks=True).post("/login/"))


def test_a_broken_page_is_guarded_and_tells_nothing(as_alice, monkeypatch):
    def breaks(self, *args, **kwargs):
        raise RuntimeError("the secret cause")

    monkeypatch.setattr("accounts.forms.GeneralForm.__init__", breaks)
    as_alice.raise_request_exception = False
    answer = as_alice.get("/administration/account/")
    assert answer.status_code == 500
    assert "Something went wrong" in answer.text
    assert "secret" not in answer.text
    assert_guarded(answer)


def test_row_22_an_unknown_host_is_refused(client):
    answer = client.get("/login/", headers={"host": "evil.example"})
    assert answer.status_code == 400
    assert "could not read this request" in answer.text
