"""Text, zones, languages and addresses, one value at a time."""

import sqlite3
import unicodedata
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from integrations.providers.litmos.addresses import normalised
from integrations.providers.litmos.cleaning import clean_text, unescaped
from integrations.providers.litmos.cultures import language_tag
from integrations.providers.litmos.timezones import ZONES, iana_zone
from targets.emails import normalise

ODD = "\x00\x07\x1b\x7f\x85\x9f \t\n\r\v\u2028\u00a0\u202e\u2066\ud800\udc00e\u0301\ufeff😀&;#"
ANY_TEXT = st.text(st.characters() | st.characters(categories=["Cs"]) | st.sampled_from(ODD))


@given(ANY_TEXT, st.integers(1, 40))
def test_cleaned_text_is_storable_short_and_stays_as_it_is(value, longest):
    text, is_cut = clean_text(value, longest)
    assert len(text) <= longest
    assert clean_text(text, longest) == (text, False)
    assert text == text.strip() and "\x00" not in text and len(text.splitlines()) < 2
    assert text.encode().decode() == text == unicodedata.normalize("NFC", text)
    assert is_cut == (len(clean_text(value, 10**6)[0]) > longest)
    with sqlite3.connect(":memory:") as database:
        assert database.execute("SELECT ?", (text,)).fetchone() == (text,)
    database.close()


@pytest.mark.django_db
@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ANY_TEXT)
def test_cleaned_text_goes_through_the_database(value):
    text = clean_text(value, 100)[0]
    with connection.cursor() as cursor:
        cursor.execute("SELECT CAST(%s AS varchar(100))", [text])
        assert cursor.fetchone() == (text,)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (" a \t\r\n b\u2028c ", "a b c"),
        ("a\x00b\x1b[31mc\x9f", "ab[31mc"),
        ("evil\u202egpj.exe\u2066", "evilgpj.exe"),
        ("a\ud800b", "ab"),
        ("e\u0301", "\u00e9"),
        (
            "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
            "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
        ),
        ("<script>=HYPERLINK</script>", "<script>=HYPERLINK</script>"),
        (" \x00 ", ""),
    ],
)
def test_cleaning(value, text):
    assert clean_text(value, 100) == (text, False)


def test_cutting():
    assert clean_text("ab cd", 3) == ("ab", True)
    assert clean_text("abc", 3) == ("abc", False)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("R&amp;D", "R&D"),
        ("&amp;lt;", "&lt;"),
        ("AT&T", "AT&T"),
        (" System.Xml.XmlElement ", ""),
        ("plain", "plain"),
    ],
)
def test_entities(value, text):
    assert unescaped(value) == text


def test_every_windows_zone_is_a_zone():
    assert len(ZONES) > 140
    assert [zone for zone in ZONES.values() if ZoneInfo(zone).key != zone] == []


@pytest.mark.parametrize(
    ("windows", "zone"),
    [
        ("GMT Standard Time", "Europe/London"),
        ("W. Central Africa Standard Time", "Africa/Lagos"),
        ("pacific standard time (mexico)", "America/Tijuana"),
        ("UTC", "Etc/UTC"),
        ("UTC-11", "Etc/GMT+11"),
        ("Europe/Berlin", "Europe/Berlin"),
        ("europe/berlin", "Europe/Berlin"),
        ("Customized Time Zone", ""),
        ("", ""),
    ],
)
def test_zones(windows, zone):
    assert iana_zone(windows) == zone


@pytest.mark.parametrize(
    ("culture", "tag"),
    [
        ("en-US", "en-US"),
        ("en-us", "en-US"),
        ("EN_gb", "en-GB"),
        ("de", "de"),
        ("zh-hans-cn", "zh-Hans-CN"),
        ("zh-CHT", "zh-Hant"),
        ("sr-SP-Latn", "sr-Latn-SP"),
        ("es-419", "es-419"),
        ("ca-es-valencia", "ca-ES-valencia"),
        ("english", ""),
        ("en-", ""),
        ("en-USA1", ""),
        ("e" * 50, ""),
        ("ен-US", ""),
        ("", ""),
    ],
)
def test_languages(culture, tag):
    assert language_tag(culture) == tag


PARTS = st.text("abcXYZ019.-_+@' é", min_size=0, max_size=70)
DOMAINS = st.sampled_from(
    ["example.net", "Example.NET", "xn--bcher-kva.example", "bücher.example", "a", "-x.example", ""]
)
LOCALS = PARTS | st.sampled_from(["Sales", "postmaster", "o'neil", "jo+tag", "a..b", ".a", "a."])


@given(LOCALS, DOMAINS)
def test_the_short_way_to_an_address_is_the_long_one(local, domain):
    address = f"{local}@{domain}"
    assert normalised(address) == normalise(address)


@pytest.mark.parametrize(
    "raw", ["", "x", "a@b@c.example", "x" * 65 + "@a.example", f"a@{'b.' * 130}example"]
)
def test_odd_addresses_are_no_exception(raw):
    assert normalised(raw) == normalise(raw)
