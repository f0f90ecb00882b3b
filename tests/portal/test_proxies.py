"""Whose address is believed, with so many proxies in front."""

import pytest
from allauth.core.internal.httpkit import get_client_ip
from django.http import HttpResponse
from django.test import RequestFactory

from portal.middleware import trust_whole_chains


def address(sent, proxies, settings):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = proxies
    headers = {} if sent is None else {"x-forwarded-for": sent}
    request = RequestFactory().get("/", headers=headers, REMOTE_ADDR="10.0.0.1")
    middleware = trust_whole_chains(lambda request: HttpResponse(get_client_ip(request)))
    return middleware(request).text


@pytest.mark.parametrize(
    ("sent", "proxies", "believed"),
    [
        (None, 0, "10.0.0.1"),
        ("198.51.100.7", 0, "10.0.0.1"),
        (None, 1, "10.0.0.1"),
        ("", 1, "10.0.0.1"),
        ("198.51.100.7", 1, "198.51.100.7"),
        ("203.0.113.1, 198.51.100.7", 1, "198.51.100.7"),
        ("198.51.100.7", 2, "10.0.0.1"),
        ("198.51.100.7, 192.0.2.9", 2, "198.51.100.7"),
        ("2001:db8::1", 1, "2001:db8::1"),
        ("unknown", 1, "10.0.0.1"),
        (",", 2, "10.0.0.1"),
    ],
)
def test_the_address(sent, proxies, believed, settings):
    assert address(sent, proxies, settings) == believed


@pytest.mark.parametrize("sent", ["198.51.100.7", "", ",", "unknown", None])
def test_a_log_in_with_too_few_of_them(client, alice, settings, sent):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 2
    headers = {} if sent is None else {"x-forwarded-for": sent}
    answer = client.post("/login/", {"login": alice.email, "password": "no"}, headers=headers)
    assert answer.status_code == 200
