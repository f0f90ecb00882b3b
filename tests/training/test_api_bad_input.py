from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import ApiAnswer
from tests.training.answers import counts, problem, stored

pytestmark = pytest.mark.django_db
FAR = "2126-01-01T00:00:00Z"
SIGNS = "is too long or holds signs that can't be read."
BAD_ROWS = [
    ({"email": None}, "email", "The e-mail address is missing."),
    ({"email": 7}, "email", "The e-mail address is not a text."),
    ({"email": "nobody"}, "email", "“nobody” is not an e-mail address."),
    ({"email": "a@" + "b" * 300}, "email", f"“a@{'b' * 58}” is not an e-mail address."),
    ({"email": "a\x00@b.example"}, "email", f"The e-mail address {SIGNS}"),
    ({"email": "a\ud800@b.example"}, "email", f"The e-mail address {SIGNS}"),
    ({"kind": ["CLICKED"]}, "kind", "The action is not a text."),
    ({"kind": "x\x00"}, "kind", f"The action {SIGNS}"),
    ({"happened_at": 1764000000}, "happened_at", "The time is not a text."),
    ({"happened_at": FAR}, "happened_at", f"“{FAR}” lies in the future."),
    ({"happened_at": "0001-01-01"}, "happened_at", "“0001-01-01” lies too far back."),
    (
        {"happened_at": "0001-01-01T00:00:00+14:00"},
        "happened_at",
        "“0001-01-01T00:00:00+14:00” is no time, such as 2026-11-24T09:30:00Z.",
    ),
    ({"is_bot": "yes"}, "is_bot", "Whether it is a bot's is neither true nor false."),
    ({"id": 7}, "id", "The id is not a text."),
    ({"id": "x" * 1001}, "id", f"The id {SIGNS}"),
    ({"colour": "red"}, "colour", "“colour” is no field of an action."),
    ({"\x00": 1}, "?", "“?” is no field of an action."),
    ({"\ud800": 1}, "?", "“?” is no field of an action."),
    ({"campaign": 2**70}, "campaign", "The campaign is not told by the number of one."),
    ({"campaign": True}, "campaign", "The campaign is not told by the number of one."),
    ({"campaign": "1"}, "campaign", "The campaign is not told by the number of one."),
    ({"campaign": {"a": []}}, "campaign", "The campaign is not told by the number of one."),
]


@pytest.mark.parametrize(("bad", "field", "detail"), BAD_ROWS)
def test_a_bad_row_keeps_no_other_out(send, row, bad, field, detail):
    answer = send([row() | bad, row()], headers={"Idempotency-Key": "k"})
    assert answer.status_code == 200
    errors = [{"index": 0, "field": field, "detail": detail}]
    assert answer.json() == counts(2, errors, new=1, enrolled=1)


@pytest.mark.parametrize("at", ["2026-11-23", "2026-11-23T10:00", "2026-11-23T10:00:00.5Z"])
def test_times_that_are_understood(send, row, at):
    assert send([row(happened_at=at)]).json() == counts(1, new=1, enrolled=1)


def test_a_clock_may_be_ahead_by_a_day(send, row):
    hours = [row(happened_at=(timezone.now() + timedelta(hours=n)).isoformat()) for n in (20, 25)]
    assert [error["index"] for error in send(hours).json()["errors"]] == [1]


BAD_BODIES = [
    (b"", 422, "not_as_described"),
    (b"not json", 400, "not_json"),
    (b"[]", 422, "not_as_described"),
    (b"null", 422, "not_as_described"),
    (b'"a"', 422, "not_as_described"),
    (b"{}", 422, "not_as_described"),
    (b'{"actions": {}}', 422, "not_as_described"),
    (b'{"actions": null}', 422, "not_as_described"),
    (b'{"actions": [], "colour": 1}', 422, "not_as_described"),
    (b'{"actions": [], "\\ud800": 1}', 422, "not_as_described"),
    (b'{"actions": [], "campaign": "1"}', 422, "not_as_described"),
    (b'{"actions": [], "campaign": true}', 422, "not_as_described"),
    (b'{"actions": [], "campaign": 1e400}', 422, "not_as_described"),
    (b'{"actions": [NaN]}', 400, "not_json"),
    (b'{"actions": [-Infinity]}', 400, "not_json"),
    (b'{"actions": [' + b"9" * 5000 + b"]}", 400, "not_json"),
    (b'{"actions": [], "campaign": ' + b"9" * 40 + b"}", 404, "unknown_campaign"),
    (b'{"actions": [], "campaign": 0}', 404, "unknown_campaign"),
    (b"[" * 100_000, 400, "not_json"),
    (b'{"actions": ["\xff"]}', 400, "not_json"),
    ('{"actions": []}'.encode("utf-16"), 400, "not_json"),
]


@pytest.mark.parametrize(("raw", "status", "code"), BAD_BODIES)
def test_a_bad_body_is_refused_with_a_sentence(send, raw, status, code):
    answer = send(raw=raw, headers={"Idempotency-Key": "k"})
    told = problem(answer)
    assert told[:2] == (status, code)
    assert told[2].endswith(".")
    assert (stored(), ApiAnswer.objects.count()) == ((0, 0), 0)


def test_more_than_a_thousand_are_to_be_split(send, row):
    one = row()
    told = "1,001 actions at once, and 1,000 are the most. Split it into several calls."
    assert problem(send([one] * 1001)) == (422, "too_many", told)
    told = "The body has more than 1,000,000 bytes. Split it into several calls."
    assert problem(send([one] * 10_000)) == (413, "too_large", told)
    assert stored() == (0, 0)


def test_more_than_fifty_campaigns_are_to_be_split(send, row):
    answer = send([row(campaign=number) for number in range(1, 53)])
    assert problem(answer)[:2] == (422, "too_many")


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Content-Length": "1000001"}, 413),
        ({"Content-Length": "9" * 40}, 413),
        ({"Content-Length": "-1"}, 411),
        ({"Content-Length": "x"}, 411),
        ({"Transfer-Encoding": "chunked"}, 411),
    ],
)
def test_the_length_is_known_and_within_the_limit_before_anything_is_read(send, headers, status):
    assert send([], headers=headers).status_code == status


def test_a_body_cut_short_is_not_json(send):
    assert problem(send(headers={"Content-Length": "9"}))[:2] == (400, "not_json")
