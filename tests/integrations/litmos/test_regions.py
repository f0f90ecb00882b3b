"""Which addresses a key may be sent to."""

import pytest
from django.apps import apps
from django.core.exceptions import ImproperlyConfigured

from integrations import registry
from integrations.contract.provider import Region
from integrations.providers.litmos.regions import (
    BUILT_IN,
    BadRegion,
    is_on_this_machine,
    parse_regions,
)


def test_there_are_three():
    assert [(region.key, region.label, region.base_url) for region in BUILT_IN] == [
        ("us", "United States", "https://api.litmos.com/v1.svc"),
        ("eu", "European Union", "https://api.litmoseu.com/v1.svc"),
        ("au", "Australia", "https://api.litmos.com.au/v1.svc"),
    ]


@pytest.mark.parametrize(
    ("text", "regions"),
    [
        ("", ()),
        (" , ", ()),
        (
            "Canada=https://api.litmos.ca/v1.svc/, My Rehearsal=http://127.0.0.1:8077/v1.svc",
            (
                Region("canada", "Canada", "https://api.litmos.ca/v1.svc"),
                Region("my-rehearsal", "My Rehearsal", "http://127.0.0.1:8077/v1.svc"),
            ),
        ),
        ("A=http://localhost:1/v1.svc", (Region("a", "A", "http://localhost:1/v1.svc"),)),
        ("A=http://[::1]:1/v1.svc", (Region("a", "A", "http://[::1]:1/v1.svc"),)),
        ("A=https://api.litmos.ca:8443", (Region("a", "A", "https://api.litmos.ca:8443"),)),
    ],
)
def test_more_of_them(text, regions):
    assert parse_regions(text) == regions


@pytest.mark.parametrize(
    "address",
    [
        "",
        "api.litmos.com",
        "//api.litmos.com/v1.svc",
        "ftp://api.litmos.com",
        "gopher://api.litmos.com/v1.svc",
        "http://api.litmos.com/v1.svc",
        "http://127.0.0.2/v1.svc",
        "http://127.0.0.1.example.com/v1.svc",
        "http://127.0.0.1@example.com/v1.svc",
        "http://localhost@example.com",
        "https://user:word@api.litmos.com/v1.svc",
        "https://evil@api.litmos.com/v1.svc",
        "https://api.litmos.com/v1.svc?x=1",
        "https://api.litmos.com/v1.svc#x",
        "https://api.litmos.com/../v1.svc",
        "https://api.litmos.com\\@example.com/",
        "https://0177.1/v1.svc",
        "https://0x7f.1/v1.svc",
        "https://2130706433/v1.svc",
        "https://169.254.169.254/v1.svc",
        "https://[::ffff:127.0.0.1]/v1.svc",
        "https://[::1/v1.svc",
        "https://api。litmos.com/v1.svc",
        "https://bücher.example/v1.svc",
        "https://api.litmos.com:99999/v1.svc",
        "https://api.litmos.com:0/v1.svc",
        "https://api.litmos.com:/v1.svc:x",
        "https://intranet/v1.svc",
        "https:///v1.svc",
        "https://api.litmos.com/v1 svc",
        "https://api.litmos.com/v1\nsvc",
    ],
)
def test_addresses_that_are_refused(address):
    with pytest.raises(BadRegion, match="LITMOS_EXTRA_REGIONS"):
        parse_regions(f"Extra={address}")


@pytest.mark.parametrize(
    "text",
    [
        "https://api.litmos.ca/v1.svc",
        "=https://api.litmos.ca/v1.svc",
        "???=https://api.litmos.ca/v1.svc",
        "x" * 61 + "=https://api.litmos.ca/v1.svc",
        "US=https://api.litmos.ca/v1.svc",
        "European Union=https://api.litmos.ca/v1.svc",
        "A=https://a.example/v1.svc,a=https://b.example/v1.svc",
    ],
)
def test_names_that_are_refused(text):
    with pytest.raises(BadRegion, match="LITMOS_EXTRA_REGIONS"):
        parse_regions(text)


def test_this_machine():
    rehearsal = Region("x", "X", "http://127.0.0.1:1/v1.svc")
    assert [is_on_this_machine(region) for region in (*BUILT_IN, rehearsal)] == [
        False,
        False,
        False,
        True,
    ]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LITMOS_EXTRA_REGIONS", "Extra=http://api.litmos.ca/v1.svc"),
        ("LITMOS_RATE", "fast"),
        ("LITMOS_RATE", "0/60"),
        ("LITMOS_RATE", "100/0"),
    ],
)
def test_the_portal_does_not_start_on_a_bad_setting(settings, name, value):
    setattr(settings, name, value)
    with pytest.raises(ImproperlyConfigured, match=name):
        apps.get_app_config("integrations").ready()


def test_the_registry():
    assert [provider.key for provider in registry.all_providers()] == list(registry.PROVIDERS)
    assert registry.get("litmos").label == "Litmos"
    with pytest.raises(registry.UnknownProvider):
        registry.get("nobody")
