"""A body that is too large is refused before anything of it is read."""

from uuid import uuid4

import pytest
from django.test import Client
from django.urls import get_resolver
from django.urls.resolvers import URLPattern

from portal.middleware import LARGEST_FILES, LARGEST_FORM

pytestmark = pytest.mark.django_db
MULTIPART = "multipart/form-data; boundary=x"


class Unreadable:
    def read(self, *_size):
        raise AssertionError("the body was read")

    readline = read


def post(client, address, length, **headers):
    sent = {"CONTENT_TYPE": MULTIPART, "CONTENT_LENGTH": str(length), "wsgi.input": Unreadable()}
    return client.generic("POST", address, headers=headers, **sent)


@pytest.fixture
def anybody():
    """With the cookie of a form: whoever lacks it is refused unread anyway."""
    client = Client(enforce_csrf_checks=True)
    client.get("/login/")
    return client


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/livez", 405),
        ("/readyz", 405),
        ("/login/", 413),
        ("/accounts/password/reset/", 413),
        ("/targets/import/", 413),
        ("/targets/", 413),
        ("/admin/login/", 413),
        ("/not/there/", 413),
    ],
)
def test_nothing_is_read_of_a_large_body_by_anybody(anybody, address, status):
    assert post(anybody, address, LARGEST_FORM + 1).status_code == status


def test_nor_on_the_way_to_a_page_that_says_what_is_wrong(as_alice):
    for address in ("/targets/import/", f"/hooks/gophish/{uuid4()}/", "/livez/"):
        answer = post(as_alice, address, LARGEST_FORM + 1, host="evil.example")
        assert answer.status_code == 413


def test_the_answer_says_what_is_accepted(as_alice, anybody):
    assert "up to 2.5 MB here" in post(anybody, "/login/", LARGEST_FORM + 1).text
    assert "up to 10 MB here" in post(as_alice, "/targets/import/", 10_000_001).text


def test_whoever_is_logged_in_sends_files_where_they_are_taken(as_alice):
    with pytest.raises(AssertionError, match="the body was read"):
        post(as_alice, "/targets/import/", 10_000_000)
    assert post(as_alice, "/administration/account/", LARGEST_FORM + 1).status_code == 413


def test_a_body_within_the_limit_is_read(anybody):
    with pytest.raises(AssertionError, match="the body was read"):
        post(anybody, "/login/", LARGEST_FORM)


def patterns(resolver, space=""):
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLPattern):
            yield space + (pattern.name or "?"), pattern.callback
        else:
            inner = f"{pattern.namespace}:" if pattern.namespace else ""
            yield from patterns(pattern, space + inner)


def test_only_addresses_for_programs_limit_bodies_themselves():
    views = dict(patterns(get_resolver()))
    theirs = {name for name, view in views.items() if getattr(view, "csrf_exempt", False)}
    assert {name for name in theirs if not name.startswith("api:")} == {
        "training:gophish",
        "training:completion",
        "training:?",
    }
    assert set(LARGEST_FILES) <= set(views)
