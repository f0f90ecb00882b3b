"""Who is let in, how lists are cut, and what is refused."""

import json

import pytest

from integrations.providers.litmos.sandbox.exchange import Request


def detail(response):
    return response.status, response.reason, json.loads(response.body)


def refused(status, text):
    return status, text, {"Detail": text}


def bare(sandbox, target, **headers):
    sent = {"accept": "application/json", **headers}
    return sandbox.respond(Request.read("GET", f"/v1.svc/{target}", sent))


def test_keys_and_source(empty):
    key, learner = {"APIKey": empty.api_key}, {"apikey": empty.learner_key}
    wrong = refused(401, "Invalid API key")
    assert detail(bare(empty, "teams?source=x")) == wrong
    assert detail(bare(empty, "teams?source=x", apikey="no")) == wrong
    assert detail(bare(empty, f"teams?source=x&apikey={empty.api_key}", **key)) == wrong
    assert detail(bare(empty, "teams", **key)) == refused(403, "The source parameter is missing")
    assert detail(bare(empty, "teams?source=x", **learner)) == refused(
        403, "Only an Account Owner may use the API"
    )
    assert bare(empty, "teams?source=x", **key).body == b"[]"


def test_calls_hold_everything_but_the_key(empty):
    bare(empty, f"teams?source=x&Limit=5&apikey={empty.api_key}", apikey=empty.api_key)
    call = empty.calls[0]
    assert (call.method, call.path, call.query, call.headers, call.status) == (
        "GET",
        "/teams",
        {"source": "x", "limit": "5"},
        {"accept": "application/json"},
        401,
    )


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("users?limit=x", refused(400, "Invalid limit")),
        ("users?limit=0", refused(400, "Invalid limit")),
        ("users?start=-1", refused(400, "Invalid start")),
        ("users/details?since=yesterday", refused(406, "Invalid since date")),
        ("users/details?since=2026-02-30", refused(406, "Invalid since date")),
        ("results/details", refused(406, "Invalid since date")),
        (
            "results/details?since=2026-01-01&limit=1001",
            refused(406, "limit must not be above 1000"),
        ),
        ("org/users/details?since=2026-01-01", refused(406, "Invalid to date")),
        (
            "org/users/details?since=2026-01-01&to=2026-01-09",
            refused(406, "The date range must not be longer than 7 days"),
        ),
        ("courses/x", refused(404, "Course not found")),
        ("nothing", refused(404, "Endpoint not found")),
    ],
)
def test_refusals(ask, target, expected):
    assert detail(ask(target)) == expected


def test_method_and_content_type(ask):
    assert detail(ask("courses", "POST", b"{}")) == refused(405, "Method not allowed")
    assert detail(ask("teams", "POST", b"{}", content_type="")) == refused(
        400, "Content-Type must be application/json or application/xml"
    )
    for body in (b"{", b"[]", b""):
        assert detail(ask("teams", "POST", body)) == refused(
            400, "The request body is not understood"
        )


def names(response):
    return [row["FirstName"] for row in json.loads(response.body)]


def test_order_paging_and_search(empty, ask):
    for number, first in enumerate(("zoe", "Ann ", "ann", "Bob", " Cy")):
        empty.tenant.add_user(FirstName=first, Email=f"{number}@x.example", Active=first != "Bob")
    assert names(ask("users")) == [" Cy", "Ann ", "ann", "Bob", "zoe"]
    assert names(ask("users?start=1&limit=2")) == ["Ann ", "ann"]
    assert names(ask("users?start=9")) == []
    assert names(ask("users?dir=DESC&limit=2")) == ["zoe", "Bob"]
    assert names(ask("users?sort=Email")) == ["zoe", "Ann ", "ann", "Bob", " Cy"]
    assert names(ask("users?search=ANN")) == ["Ann ", "ann"]
    assert names(ask("users?showInactive=false&search=o")) == ["zoe"]
    assert names(ask("users/details?since=2026-02-03 04:05:06")) == []
    assert len(names(ask("users/details?since=2026-02-03 04:05:05"))) == 5
    empty.tenant.update_user(empty.tenant.user_id("0@x.example"), FirstName="aa")
    assert names(ask("users?start=1&limit=1")) == ["aa"]


def test_default_limit_and_largest(make, ask):
    sandbox = make(users=1205, teams=0, courses=0)
    ask.sandbox = sandbox
    assert len(names(ask("users"))) == 100
    assert len(names(ask("users?limit=5000"))) == 1000
    assert len(names(ask("users?limit=1000&start=1000"))) == 205


def test_rolling_window_for_each_key(make, ask):
    moments = [0.0]
    ask.sandbox = sandbox = make(
        users=0, teams=0, courses=0, rate=(2, 60), clock=lambda: moments[0]
    )
    seen = []
    for moment in (0, 10, 59.9, 60, 61, 69.9, 70):
        moments[0] = moment
        seen.append(ask("teams").status)
    assert seen == [200, 200, 503, 200, 503, 503, 200]
    throttled = ask("teams")
    assert detail(throttled) == refused(503, "Too many requests")
    assert throttled.headers == {}
    assert ask("teams", apikey=sandbox.learner_key).status == 403
    assert ask("teams", apikey="wrong").status == 401
