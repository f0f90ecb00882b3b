"""Each fault over a real socket, as a caller meets it."""

import gzip
import http.client
import json
from itertools import pairwise

import pytest

from integrations.providers.litmos.sandbox import FaultError, Sandbox
from integrations.providers.litmos.sandbox.exchange import Request
from integrations.providers.litmos.sandbox.faults import Faults

FULL = "users/details?limit=10"


@pytest.fixture(scope="module")
def served():
    sandbox = Sandbox(rate=None)
    with sandbox.serve() as server:
        yield sandbox, server


@pytest.fixture
def fetch(served):
    sandbox, server = served
    sandbox.calls.clear()

    def fetch(target, *, faults=None, accept="application/json", timeout=60):
        if faults is not None:
            sandbox.faults.set(faults)
        connection = http.client.HTTPConnection(server.host, server.port, timeout=timeout)
        headers = {"apikey": sandbox.api_key, "Accept": accept}
        joint = "&" if "?" in target else "?"
        connection.request("GET", f"/v1.svc/{target}{joint}source=tests", headers=headers)
        try:
            answer = connection.getresponse()
            return answer.status, dict(answer.getheaders()), answer.read()
        finally:
            connection.close()

    yield fetch
    sandbox.faults.clear()


def statuses(fetch, faults, calls):
    first = fetch("teams", faults=faults)[0]
    return [first, *(fetch("teams")[0] for _ in range(calls - 1))]


@pytest.mark.parametrize(
    ("faults", "expected"),
    [
        ("500", [500, 500, 500, 500]),
        ("503@3", [200, 200, 503, 200]),
        ("503@2-3", [200, 503, 503, 200]),
        ("504@3-", [200, 200, 504, 504]),
        ("502@1, 429=7@3", [502, 200, 429, 200]),
        ("403:/teams", [403, 403, 403, 403]),
        ("403:/users", [200, 200, 200, 200]),
        ("", [200, 200, 200, 200]),
    ],
)
def test_which_calls_a_fault_meets(fetch, faults, expected):
    assert statuses(fetch, faults, 4) == expected


def fits(faults, target):
    request = Request.read("GET", f"/v1.svc{target}", {})
    return bool(Faults(faults).matching(request))


def test_paths_ends_of_paths_and_queries():
    assert fits("404:/teams/AbC1", "/Teams/AbC1/users?limit=1")
    assert not fits("404:/teams$", "/teams/x/users")
    assert fits("404:/users$", "/teams/x/users")
    assert fits("500:/users?start=1000", "/users/details?limit=1000&start=1000")
    assert not fits("500:/users?start=1000", "/users/details?limit=1000&start=2000")
    assert fits("redirect=http://127.0.0.1:99/x:/users@1", "/users")
    assert not fits("redirect=http://127.0.0.1:99/x:/users@2-5", "/users")


@pytest.mark.parametrize(
    ("faults", "message"),
    [
        ("bananas", "There is no fault 'bananas'."),
        ("503@x", "'503@x' is not a fault"),
        ("slow=long", "The value of slow must be a number, not 'long'."),
        ("drip=", "'drip=' is not a fault"),
    ],
)
def test_faults_that_are_none_are_refused_and_change_nothing(faults, message):
    known = Faults("503@3")
    with pytest.raises(FaultError, match=message):
        known.set(faults)
    assert known.text == "503@3"


def test_statuses_and_headers(fetch):
    status, headers, body = fetch("teams", faults="429=7")
    assert (status, headers["Retry-After"], body) == (429, "7", b'{"Detail":"Too Many Requests"}')
    status, headers, body = fetch("teams", faults="503")
    assert (status, "Retry-After" in headers) == (503, False)
    status, headers, body = fetch("teams", faults="500")
    assert (headers["Content-Type"], b"InternalServerError" in body) == ("text/html", True)
    status, headers, body = fetch("teams", faults="redirect=http://127.0.0.1:9/x")
    assert (status, headers["Location"], body) == (302, "http://127.0.0.1:9/x", b"")


def test_answers_that_are_not_json(fetch):
    status, headers, body = fetch("teams", faults="html200")
    assert (status, headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert b"Scheduled maintenance" in body
    assert fetch("teams", faults="empty200")[2] == b""
    status, headers, body = fetch("teams", faults="xml")
    assert headers["Content-Type"] == "application/xml; charset=utf-8"
    assert body.startswith(b"<Teams ")
    assert fetch("teams", faults="deepnest=3")[2] == b"[[[]]]"


def test_bodies_of_the_wrong_kind(fetch):
    good = fetch(FULL, faults="")[2]
    assert json.loads(fetch(FULL, faults="object")[2]) == {"Rows": json.loads(good)}
    assert fetch(FULL, faults="truncated")[2] == good[: len(good) // 2]
    assert fetch(FULL, faults="bom")[2] == b"\xef\xbb\xbf" + good
    assert fetch(FULL, faults="utf16")[2].decode("utf-16") == good.decode()
    with pytest.raises(UnicodeDecodeError):
        fetch(FULL, faults="latin1")[2].decode()
    assert b'{"Score":NaN,"Id"' in fetch(FULL, faults="nan")[2]
    assert b'{"Score":1e999,"Id"' in fetch(FULL, faults="nan=1e999")[2]
    assert b'{"Score":' + b"9" * 5000 in fetch(FULL, faults="nan=huge")[2]


def test_broken_connections(fetch, served):
    with pytest.raises((ConnectionResetError, http.client.IncompleteRead)) as reset:
        fetch(FULL, faults="reset")
    assert reset.type is ConnectionResetError
    with pytest.raises(http.client.IncompleteRead) as short:
        fetch(FULL, faults="shortbody")
    assert short.value.expected > 0
    assert [call.status for call in served[0].calls] == [0, 0]


@pytest.mark.parametrize("faults", ["drip=600", "slow=600"])
def test_answers_that_come_too_late(fetch, faults):
    with pytest.raises(TimeoutError):
        fetch("teams", faults=faults, timeout=0.1)


def test_how_slow(make):
    pauses: list[float] = []
    request = Request.read("GET", "/v1.svc/teams", {})
    make(faults="slow=2.5,slow", latency=0.5).respond(request, pauses.append)
    assert pauses == [4]


def test_gzip_bomb_is_small_on_the_wire(fetch):
    _, headers, body = fetch("teams", faults="gzipbomb=20")
    assert headers["Content-Encoding"] == "gzip"
    assert len(body) < 30_000
    assert json.loads(gzip.decompress(body)) == []
    assert len(gzip.decompress(body)) == 20_000_002


def pages(fetch, faults, target="users"):
    fetch("courses", faults=faults)
    return [
        [row["Id"] for row in json.loads(fetch(f"{target}?limit=15&start={start}")[2])]
        for start in (0, 15, 30)
    ]


def test_pages_that_shift(fetch):
    one, two, three = pages(fetch, "")
    everyone = one + two + three
    assert (len(everyone), len(set(everyone))) == (40, 40)
    assert pages(fetch, "dup") == [one, everyone[14:29], everyone[29:]]
    assert pages(fetch, "drift=2") == [one, everyone[17:32], everyone[32:]]
    assert pages(fetch, "drift@3") == [one, everyone[16:31], three]
    assert pages(fetch, "oversized") == [everyone[:18], everyone[15:33], three]
    assert pages(fetch, "pagesize=4") == [everyone[:4], everyone[15:19], everyone[30:34]]
    assert pages(fetch, "stuck") == [one, one, one]
    assert pages(fetch, "emptylist") == [[], [], []]


def test_ties_without_an_order(make, ask):
    ask.sandbox = sandbox = make(users=0, teams=0, courses=0, faults="unstable")
    for number in range(30):
        sandbox.tenant.add_user(FirstName="Ann" if number % 3 else "Bob", LastName=str(number))
    seen = [json.loads(ask("users").body) for _ in range(5)]
    firsts = {tuple(row["FirstName"] for row in rows) for rows in seen}
    assert firsts == {("Ann",) * 20 + ("Bob",) * 10}
    assert any(one != other for one, other in pairwise(seen))


def rows(fetch, faults, target=FULL):
    return json.loads(fetch(target, faults=faults)[2])


def test_records_that_cannot_be_read(fetch):
    good = rows(fetch, "")
    broken = rows(fetch, "badrecord=4")
    assert broken[0] == {**good[0], "Email": {"value": good[0]["Email"]}}
    assert broken[1] == {**good[1], "Id": None}
    assert broken[2] == "System.Xml.XmlElement"
    assert broken[3] == {**good[3], "Active": "perhaps", "Name": ["?"]}
    assert broken[4:] == good[4:]
    assert rows(fetch, "badrecord")[1:] == good[1:]


def test_keys_that_come_and_go(fetch):
    good = rows(fetch, "")[0]
    assert set(rows(fetch, "extra_keys")[0]) - set(good) == {"Pronouns", "LicenceTier", "Badges"}
    assert list(rows(fetch, "missing_keys")[0]) == [
        *("Id", "UserName", "FirstName", "LastName", "Email", "Active"),
    ]
    assert set(good) - set(rows(fetch, "missing_keys=Email;Id")[0]) == {"Email", "Id"}
    assert set(good) - set(rows(fetch, "short_culture")[0]) == {"Culture"}
    assert list(rows(fetch, "reordered")[0].items()) == list(reversed(good.items()))
    nulls = rows(fetch, "nulls")[0]
    assert nulls == {name: value if value != "" else None for name, value in good.items()}
    texts = rows(fetch, "strings")[0]
    assert (texts["Active"], texts["OriginalId"]) == ("true", str(good["OriginalId"]))
