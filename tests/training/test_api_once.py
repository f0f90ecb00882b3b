"""Idempotency keys: the same call twice does its work once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connection as database
from django.utils import timezone

from accounts import once
from accounts.models import ApiAnswer, ApiToken
from accounts.tokens import make_token
from integrations.services import purge
from tests.training.answers import counts, problem, stored
from training.services import batches

pytestmark = pytest.mark.django_db
KEY = {"Idempotency-Key": "k1"}
AT = "2026-11-23T10:00:00Z"


def test_the_same_call_again_is_answered_the_same(send, row):
    rows = [row(happened_at=AT), 7]
    first = send(rows, headers=KEY)
    again = send(rows, headers=KEY)
    errors = [{"index": 1, "field": "", "detail": "The action is not an object."}]
    assert first.json() == counts(2, errors, new=1, enrolled=1)
    assert (again.status_code, again.content) == (200, first.content)
    assert "Idempotency-Replayed" not in first
    assert again["Idempotency-Replayed"] == "true"
    assert stored() == (1, 1)


def test_another_body_needs_another_key(send, row):
    send([row(happened_at=AT)], headers=KEY)
    told = problem(send([row("bo@x.example", happened_at=AT)], headers=KEY))
    assert told[:2] == (422, "key_used")
    assert stored() == (1, 1)


def test_a_key_is_its_tokens_own(send, row, acme, alice):
    other = make_token(account=acme, user=alice, name="Other", scopes=["ACTIONS_WRITE"])[1]
    send([row(happened_at=AT)], headers=KEY)
    answer = send([row("bo@x.example", happened_at=AT)], bearer=other, headers=KEY)
    assert answer.json() == counts(1, new=1, strangers=1)


def test_a_key_is_forgotten_after_a_day(send, row):
    send([row(happened_at=AT)], headers=KEY)
    ApiAnswer.objects.update(created_at=timezone.now() - timedelta(hours=24, seconds=1))
    assert send([row("bo@x.example", happened_at=AT)], headers=KEY).status_code == 200
    assert ApiAnswer.objects.count() == 1


def test_old_answers_are_purged(send, row):
    send([row(happened_at=AT)], headers=KEY)
    send([row(happened_at=AT)], headers={"Idempotency-Key": "k2"})
    ApiAnswer.objects.filter(key="k1").update(created_at=timezone.now() - timedelta(hours=25))
    purge()
    assert list(ApiAnswer.objects.values_list("key", flat=True)) == ["k2"]


def test_what_was_refused_leaves_the_key_unused(send, row, campaign):
    send([], campaign=campaign.pk + 1, headers=KEY)
    assert ApiAnswer.objects.count() == 0
    assert send([row(happened_at=AT)], headers=KEY).json() == counts(1, new=1, enrolled=1)


@pytest.mark.parametrize("key", ["", "x" * 256, "a\x7f", "ä"])
def test_a_key_that_is_none_is_refused(send, row, key):
    answer = send([row()], headers={"Idempotency-Key": key})
    assert problem(answer)[:2] == (400, "bad_key")
    assert stored() == (0, 0)


def test_the_longest_key_is_taken(send, row):
    assert send([row()], headers={"Idempotency-Key": "x" * 255}).status_code == 200


@pytest.mark.services
@pytest.mark.django_db(transaction=True)
def test_of_two_at_the_same_moment_one_works_and_the_other_waits(send, row, monkeypatch):
    """Both have looked for a stored answer before either of them has worked."""
    together = Barrier(2, timeout=60)
    worked = []
    carried_out = batches.take_actions
    begun = once._begin

    def begin_together(*args, **values):
        together.wait()
        return begun(*args, **values)

    def take_and_tell(**values):
        worked.append(1)
        return carried_out(**values)

    monkeypatch.setattr(once, "_begin", begin_together)
    monkeypatch.setattr(batches, "take_actions", take_and_tell)
    rows = [row(happened_at=AT)]

    def call(_number):
        try:
            return send(rows, headers=KEY)
        finally:
            database.close()

    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(call, range(2)))
    assert [answer.json() for answer in answers] == [counts(1, new=1, enrolled=1)] * 2
    assert sorted("Idempotency-Replayed" in answer for answer in answers) == [False, True]
    assert (worked, stored()) == ([1], (1, 1))


def test_use_is_written_once_a_minute(send):
    used = ApiToken.objects.get
    send()
    first = used().last_used_at
    send()
    assert used().last_used_at == first
    ApiToken.objects.update(last_used_at=first - timedelta(seconds=61))
    send()
    assert used().last_used_at > first
