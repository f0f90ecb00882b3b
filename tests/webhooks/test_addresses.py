"""Row 36: what an Administrator writes leads nowhere but to the public internet."""

import pytest

from webhooks.addresses import Place, Refused, is_private, place_of

EVIL_ADDRESSES = [
    ("http://hooks.example.com/", "not_https"),
    ("ftp://hooks.example.com/", "not_https"),
    ("gopher://hooks.example.com/", "not_https"),
    ("//hooks.example.com/", "not_https"),
    ("hooks.example.com", "not_https"),
    ("https://", "malformed"),
    ("https:///path", "malformed"),
    ("https://me:secret@hooks.example.com/", "user_info"),
    ("https://hooks.example.com@127.0.0.1/", "user_info"),
    ("https://@hooks.example.com/", "user_info"),
    ("https://hooks.example.com/#part", "fragment"),
    ("https://hooks.example.com/#", "fragment"),
    ("https://hooks.example.com:0/", "malformed"),
    ("https://hooks.example.com:65536/", "malformed"),
    ("https://hooks.example.com:no/", "malformed"),
    ("https://hooks.example.com\\@127.0.0.1/", "malformed"),
    ("https://hooks.example.com/ x", "malformed"),
    ("https://hooks.example.com/\r\nX: y", "malformed"),
    ("https://hooks.example.com\t/", "malformed"),
    ("https://hööks.example.com/", "malformed"),
    ("https://①②⑦.0.0.1/", "malformed"),
    ("https://a..b/", "malformed"),
    ("https://-a.example.com/", "malformed"),
    ("https://%31%32%37.0.0.1/", "malformed"),
    ("https://[::1/", "malformed"),
    ("https://[fe80::1%25eth0]/", "private"),
    (f"https://hooks.example.com/{'a' * 500}", "malformed"),
    ("https://localhost/", "private"),
    ("https://LOCALHOST./", "private"),
    ("https://redis/", "private"),
    ("https://me.localhost/", "private"),
    ("https://db.internal/", "private"),
    ("https://printer.local/", "private"),
    ("https://0177.1/", "malformed"),
    ("https://0x7f.1/", "malformed"),
    ("https://0x7f000001/", "malformed"),
    ("https://2130706433/", "malformed"),
    ("https://127.1/", "malformed"),
    ("https://127.0.0.0x1/", "malformed"),
    ("https://127.0.0.01/", "malformed"),
    ("https://127.0.0.1/", "private"),
    ("https://127.0.0.1./", "private"),
    ("https://0.0.0.0/", "private"),
    ("https://10.1.2.3/", "private"),
    ("https://169.254.169.254/latest/meta-data", "private"),
    ("https://[::1]/", "private"),
    ("https://[::ffff:127.0.0.1]/", "private"),
    ("https://[::ffff:7f00:1]/", "private"),
    ("https://[fd00::1]/", "private"),
]
PRIVATE = [
    "0.0.0.0",
    "0.1.2.3",
    "10.0.0.1",
    "100.64.0.1",
    "100.127.255.255",
    "127.0.0.1",
    "127.8.9.1",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.8",
    "192.0.2.1",
    "192.168.1.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.9",
    "224.0.0.1",
    "239.1.2.3",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:8.8.8.8",
    "64:ff9b::7f00:1",
    "64:ff9b:1::7f00:1",
    "100::1",
    "2001::1",
    "2001:db8::1",
    "2002:7f00:1::",
    "3fff::1",
    "5f00::1",
    "fc00::1",
    "fd12:3456::1",
    "fe80::1",
    "fe80::1%eth0",
    "2600::1%eth0",
    "fec0::1",
    "ff02::1",
    "ff0e::1",
    "no address",
    "",
]
PUBLIC = ["1.1.1.1", "8.8.8.8", "100.63.255.255", "172.32.0.1", "2606:4700::1111", "2600::1"]


@pytest.mark.parametrize(("address", "code"), EVIL_ADDRESSES)
def test_row_36_evil_addresses(address, code):
    with pytest.raises(Refused) as told:
        place_of(address)
    assert str(told.value) == code


@pytest.mark.parametrize("ip", PRIVATE)
def test_row_36_machines_that_are_not_of_the_public_internet(ip):
    assert is_private(ip)


@pytest.mark.parametrize("ip", PUBLIC)
def test_machines_of_the_public_internet(ip):
    assert not is_private(ip)


@pytest.mark.parametrize(
    ("address", "place", "authority"),
    [
        (
            "https://Hooks.Example.com",
            Place("https", "hooks.example.com", 443, "/"),
            "hooks.example.com",
        ),
        (
            "HTTPS://hooks.example.com:8443/a?b=c",
            Place("https", "hooks.example.com", 8443, "/a?b=c"),
            "hooks.example.com:8443",
        ),
        ("https://1.1.1.1/", Place("https", "1.1.1.1", 443, "/"), "1.1.1.1"),
        (
            "https://[2606:4700::1111]:444/",
            Place("https", "2606:4700::1111", 444, "/"),
            "[2606:4700::1111]:444",
        ),
    ],
)
def test_good_addresses(address, place, authority):
    assert place_of(address) == place
    assert place_of(address).authority == authority


@pytest.mark.parametrize("address", ["http://127.0.0.1:8080/x", "http://redis/", "https://[::1]/"])
def test_private_addresses_where_they_are_allowed(address):
    assert place_of(address, is_private_allowed=True)


@pytest.mark.parametrize(
    "address", ["http://a@127.0.0.1/", "gopher://127.0.0.1/", "http://0177.1/"]
)
def test_what_is_never_allowed(address):
    with pytest.raises(Refused):
        place_of(address, is_private_allowed=True)
