"""What the client asks for, and what it makes of each answer."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
import requests
import responses
from responses import matchers

from integrations.contract.errors import (
    BudgetEmpty,
    Credentials,
    Fatal,
    IntegrationError,
    Missing,
    Retryable,
)
from integrations.contract.records import CourseRecord, Page, Rejected, TeamRecord
from integrations.providers.litmos.limits import Limits
from integrations.providers.litmos.mapping import course_record, person_record
from tests.integrations.litmos.conftest import KEY, URL, Purse
from tests.integrations.litmos.records import COURSE, TEAM, USER

SMALL = Limits(page_size=3)


@pytest.fixture(autouse=True)
def wire():
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield mock


def answer(wire, path, value=None, **options):
    if value is not None:
        options["json"] = value
    return wire.add(responses.GET, URL + path, **options)


def raised(call) -> IntegrationError:
    with pytest.raises(IntegrationError) as caught:
        call()
    return caught.value


def told(error: IntegrationError) -> tuple[type, str]:
    return type(error), error.code


def test_a_request(wire, connect):
    answer(
        wire,
        "/teams",
        [TEAM],
        match=[
            matchers.query_param_matcher(
                {"format": "json", "source": "Portal", "limit": "1000", "start": "2000"}
            ),
            matchers.header_matcher({"apikey": KEY, "Accept": "application/json"}),
        ],
    )
    client = connect()
    assert client.read_teams(2000) == Page(
        (TeamRecord("yYv0ln5yeAw1", "Sub Team", "ZppqOWTqgVM1"),), received=1, is_last=True
    )
    assert client.calls == 1
    assert KEY not in wire.calls[0].request.url


def test_each_list_and_its_rejected_rows(wire, connect):
    answer(wire, "/users/details", [USER, {"Id": "x"}, None])
    answer(wire, "/courses", [COURSE])
    answer(wire, "/teams/a%2Fb/users", [USER, {}])
    client = connect()
    assert client.read_people(0) == Page(
        (person_record(USER),),
        received=3,
        is_last=True,
        rejected=(Rejected("x", "unreadable Active"), Rejected("", "not a record")),
    )
    course = CourseRecord("RuzXNaD42Sw1", "Test course", "TST001", "What it is about.")
    assert client.read_courses(0) == Page((course,), received=1, is_last=True)
    assert client.read_members("a/b", 0) == Page(
        ("ZUhjzXUqmTo1",), received=2, is_last=True, rejected=(Rejected("", "no Id"),)
    )
    assert client.calls == 3


@pytest.mark.parametrize(
    ("rows", "is_last"),
    [
        (0, True),
        (1, True),
        (999, True),
        (1000, False),
        (1003, False),
        (100, False),
        (900, False),
        (950, True),
    ],
)
def test_the_end_of_a_list(wire, connect, rows, is_last):
    """A page of a round size may come from a server that has its own idea of the limit."""
    answer(wire, "/teams", [{**TEAM, "Id": f"t{number}"} for number in range(rows)])
    page = connect().read_teams(0)
    assert (page.received, page.is_last) == (rows, is_last)


def test_a_round_page_after_a_larger_one_is_the_last(wire, connect):
    teams = [{**TEAM, "Id": f"t{number}"} for number in range(1000)]
    answer(wire, "/teams", teams)
    answer(wire, "/courses", [{**COURSE, "Id": f"c{number}"} for number in range(100)])
    client = connect()
    assert [client.read_teams(0).is_last, client.read_courses(0).is_last] == [False, True]


def test_the_same_page_again_ends_the_reading(wire, connect):
    answer(wire, "/teams", [TEAM, TEAM, TEAM])
    client = connect(limits=SMALL)
    assert not client.read_teams(0).is_last
    assert told(raised(lambda: client.read_teams(3))) == (Fatal, "bad_format")


def test_the_same_page_may_be_read_twice(wire, connect):
    answer(wire, "/teams", [TEAM, TEAM, TEAM])
    client = connect(limits=SMALL)
    assert client.read_teams(0) == client.read_teams(0)


def test_a_list_has_an_end(wire, connect):
    client = connect(limits=Limits(page_size=3, most_pages=2))
    assert told(raised(lambda: client.read_teams(6))) == (Fatal, "too_large")
    assert client.calls == 0


def test_people_are_counted_with_one_row(wire, connect):
    matching = matchers.query_param_matcher({"limit": "1"}, strict_match=False)
    answer(
        wire,
        "/users/paginated",
        {"pagination": {"TotalCount": 2878}, "Items": []},
        match=[matching],
    )
    assert connect().count_people() == 2878


def test_people_that_cannot_be_counted(wire, connect):
    answer(wire, "/users/paginated", {"Items": []})
    assert told(raised(connect().count_people)) == (Retryable, "bad_format")


def test_one_person(wire, connect):
    answer(wire, "/users/a%2Fb%20%2B", USER)
    answer(wire, "/users/gone", {"Detail": "User not found"}, status=404)
    client = connect()
    assert client.find_person("a/b +") == person_record(USER)
    assert client.find_person("gone") is None


def test_one_course(wire, connect):
    answer(wire, "/courses/c%201", COURSE)
    answer(wire, "/courses/gone", {"Detail": "Course not found"}, status=404)
    client = connect()
    assert client.find_course("c 1") == course_record(COURSE)
    assert client.find_course("gone") is None


def test_one_person_who_cannot_be_read(wire, connect):
    answer(wire, "/users/x", {"Id": "x"})
    assert told(raised(lambda: connect().find_person("x"))) == (Retryable, "bad_format")


@pytest.mark.parametrize(
    ("status", "kind", "code", "calls"),
    [
        (301, Fatal, "unexpected_redirect", 1),
        (302, Fatal, "unexpected_redirect", 1),
        (400, Fatal, "unexpected", 1),
        (401, Credentials, "key_refused", 1),
        (403, Credentials, "not_permitted", 1),
        (404, Fatal, "wrong_site", 1),
        (406, Fatal, "unexpected", 1),
        (408, Retryable, "litmos_unavailable", 3),
        (500, Retryable, "litmos_unavailable", 3),
        (502, Retryable, "litmos_unavailable", 3),
        (504, Retryable, "litmos_unavailable", 3),
        (520, Retryable, "litmos_unavailable", 3),
    ],
)
def test_statuses(wire, connect, naps, status, kind, code, calls):
    answer(
        wire, "/teams", {"Detail": "No."}, status=status, headers={"Location": "https://x.example"}
    )
    client = connect()
    error = raised(lambda: client.read_teams(0))
    assert isinstance(error, kind)
    assert (error.code, client.calls, len(naps)) == (code, calls, calls - 1)
    assert len(wire.calls) == calls


def test_an_unknown_team(wire, connect):
    answer(wire, "/teams/t1/users", {"Detail": "Team not found"}, status=404)
    assert told(raised(lambda: connect().read_members("t1", 0))) == (Missing, "team_missing")


DATE = format_datetime(datetime.now(UTC) + timedelta(days=2), usegmt=True)


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(
    ("retry_after", "seconds"),
    [
        ({}, 60),
        ({"Retry-After": "7"}, 7),
        ({"Retry-After": "0"}, 1),
        ({"Retry-After": "86400"}, 900),
        ({"Retry-After": "9" * 400}, 900),
        ({"Retry-After": DATE}, 900),
        ({"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"}, 1),
        ({"Retry-After": "soon"}, 60),
        ({"Retry-After": "-5"}, 60),
    ],
)
def test_throttling_is_told_to_all_who_share_the_key(
    wire, connect, purse, naps, status, retry_after, seconds
):
    answer(wire, "/teams", status=status, headers=retry_after)
    client = connect()
    error = raised(lambda: client.read_teams(0))
    assert isinstance(error, Retryable)
    assert (error.code, error.delay_seconds) == ("throttled", seconds)
    assert (purse.drained, client.calls, naps) == ([seconds], 1, [])


def test_a_date_is_waited_for(wire, connect):
    soon = format_datetime(datetime.now(UTC) + timedelta(seconds=600), usegmt=True)
    answer(wire, "/teams", status=503, headers={"Retry-After": soon})
    assert 300 < raised(lambda: connect().read_teams(0)).delay_seconds <= 600


def test_a_passing_trouble_passes(wire, connect, naps):
    answer(wire, "/teams", status=502)
    answer(wire, "/teams", body=requests.ConnectionError("reset"))
    answer(wire, "/teams", [TEAM])
    client = connect()
    assert client.read_teams(0).received == 1
    assert (client.calls, len(naps)) == (3, 2)
    assert all(0 <= nap <= client.limits.longest_pause_seconds for nap in naps)


def test_each_try_is_paid_for(wire, connect):
    answer(wire, "/teams", status=500)
    purse = Purse(2)
    client = connect(budget=purse)
    error = raised(lambda: client.read_teams(0))
    assert (error.code, client.calls, purse.left) == ("litmos_unavailable", 2, 0)


def test_an_empty_budget_makes_no_call(wire, connect):
    client = connect(budget=Purse(0))
    error = raised(lambda: client.read_teams(0))
    assert isinstance(error, BudgetEmpty)
    assert (error.delay_seconds, client.calls, len(wire.calls)) == (17, 0, 0)


@pytest.mark.parametrize("key", ["", " ", "a\nb", "a\r\nX: y", "schlüssel", "a\x00b"])
def test_a_key_that_can_be_none(wire, connect, key):
    assert told(raised(lambda: connect(key=key)))[1] == "key_malformed"


def test_too_large_a_page(wire, connect):
    body = b"[" + b" " * 2000 + b"]"
    answer(wire, "/teams", body=body, content_type="application/json")
    error = raised(lambda: connect(limits=Limits(largest_body=1000)).read_teams(0))
    assert told(error) == (Fatal, "too_large")


def test_no_call_after_the_end(wire, connect):
    client = connect(until=0.0, limits=Limits(tries=1))
    error = raised(lambda: client.read_teams(0))
    assert (error.code, error.cause, len(wire.calls)) == ("litmos_unavailable", "timeout", 0)


def test_no_other_try_once_it_took_too_long(wire, connect):
    answer(wire, "/teams", status=502)
    error = raised(lambda: connect(limits=Limits(retry_seconds=0)).read_teams(0))
    assert (error.code, len(wire.calls)) == ("litmos_unavailable", 1)
