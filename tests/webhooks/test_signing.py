"""Signatures as Standard Webhooks describes them, checked by the lines that docs/api.md gives."""

import re
import time

import pytest

from tests.meta.files import ROOT
from webhooks.signing import headers, new_secret

CODE = re.search(
    r"```python\n(.+?)```", (ROOT / "docs/api.md").read_text(encoding="utf-8"), re.DOTALL
)[1]
BODY = b'{"id":"msg","type":"run.finished"}'


@pytest.fixture
def is_genuine():
    names: dict = {}
    exec(CODE, names)
    return names["is_genuine"]


def signed(secret, *, body=BODY, at=None):
    return headers(secret=secret, event_id="msg_1", timestamp=at or int(time.time()), body=body)


def test_the_example_is_short():
    assert len(CODE.strip().splitlines()) <= 12


def test_the_vector_of_the_specification():
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    sent = headers(
        secret=secret,
        event_id="msg_p5jXN8AQM9LWM0D4loKWxJek",
        timestamp=1614265330,
        body=b'{"test": 2432232314}',
    )
    assert sent["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_what_the_portal_signs_is_genuine(is_genuine):
    secret = new_secret()
    assert is_genuine(secret, signed(secret), BODY)


@pytest.mark.parametrize(
    ("change", "body"),
    [
        ({}, BODY + b" "),
        ({"webhook-id": "msg_2"}, BODY),
        ({"webhook-timestamp": str(int(time.time()) + 1)}, BODY),
        ({"webhook-signature": "v1,"}, BODY),
        ({"webhook-signature": "v1a,x"}, BODY),
    ],
)
def test_what_was_changed_is_not(is_genuine, change, body):
    secret = new_secret()
    assert not is_genuine(secret, signed(secret) | change, body)


def test_of_another_secret_or_too_old(is_genuine):
    secret = new_secret()
    assert not is_genuine(new_secret(), signed(secret), BODY)
    assert not is_genuine(secret, signed(secret, at=int(time.time()) - 400), BODY)


def test_each_secret_is_new():
    assert len({new_secret() for _ in range(50)}) == 50
