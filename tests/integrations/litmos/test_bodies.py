"""Which bodies are a list in strict JSON."""

import json

import pytest
import responses

from integrations.contract.errors import Retryable
from tests.integrations.litmos.conftest import URL
from tests.integrations.litmos.records import TEAM


@pytest.fixture
def answered(connect):
    """A client that gets this body for whatever it asks."""
    with responses.RequestsMock() as wire:

        def answer(body, content_type):
            wire.get(f"{URL}/teams", body=body, content_type=content_type)
            return connect()

        yield answer


ROWS = json.dumps([TEAM]).encode()
JSON = "application/json; charset=utf-8"


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("text/html; charset=utf-8", b"<html>We'll be right back</html>"),
        ("application/json", b"<html>We'll be right back</html>"),
        ("application/xml; charset=utf-8", b"<Teams/>"),
        ("", ROWS),
        ("text/plain", ROWS),
        ("application/json; charset=utf-16", ROWS),
        ("application/json; charset=iso-8859-1", ROWS),
        (JSON, b""),
        (JSON, b"  "),
        (JSON, ROWS[:-1]),
        (JSON, ROWS + ROWS),
        (JSON, ROWS.decode().encode("utf-16")),
        (JSON, '[{"Id":"1","Name":"Café"}]'.encode("latin-1")),
        (JSON, b'{"Rows":[]}'),
        (JSON, b"null"),
        (JSON, b'"text"'),
        (JSON, b"[NaN]"),
        (JSON, b"[-Infinity]"),
        (JSON, b"[1e999]"),
        (JSON, b"[" + b"9" * 5000 + b"]"),
        (JSON, b"[" + b"9" * 30 + b"]"),
        (JSON, b"[" * 100_000 + b"]" * 100_000),
    ],
)
def test_what_is_not_a_list_in_strict_json(answered, content_type, body):
    client = answered(body, content_type)
    with pytest.raises(Retryable, match="bad_format") as caught:
        client.read_teams(0)
    assert client.calls == 3
    assert len(caught.value.detail) <= 200


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        (JSON, b"\xef\xbb\xbf" + ROWS),
        ("application/json", ROWS),
        ('Application/JSON; charset="UTF-8"', ROWS),
        (JSON, b" \r\n" + ROWS + b"\n"),
        (JSON, ROWS.replace(b"/", b"\\/")),
    ],
)
def test_what_is_a_list_all_the_same(answered, content_type, body):
    assert answered(body, content_type).read_teams(0).received == 1


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"<p>ann@acme.example is unknown</p>", "a page of 34 bytes"),
        (b"ann@acme.example is unknown", "no strict JSON of 27 bytes"),
        (b'{"Message":"ann@acme.example","Id":7}', "JSON with Id, Message"),
        (b'{"ann@acme.example":1}', "JSON with no known fields"),
        (b'"ann@acme.example"', "JSON, a str"),
        (b" ", "nothing"),
        (b'{"' + b'":1,"'.join(b"A" * n for n in range(1, 41)) + b'":1}', None),
    ],
)
def test_row_55_what_an_odd_body_says_is_not_kept(answered, body, told):
    with pytest.raises(Retryable) as caught:
        answered(body, JSON).read_teams(0)
    detail = caught.value.detail
    assert detail == told if told else len(detail) == 200
