import hmac
import json
from datetime import timedelta
from hashlib import sha256

import pytest
from django.test import Client
from django.utils import timezone

from training.models import Action, Enrollment
from training.services.campaigns import renew_hook_secret

pytestmark = pytest.mark.django_db


@pytest.fixture
def send(campaign):
    secret = renew_hook_secret(campaign=campaign)

    def send(body=None, *, key=secret, hook_id=campaign.hook_id, **fields):
        sent = {
            "email": "ann@acme.example",
            "time": timezone.now().isoformat(),
            "message": "Clicked Link",
            "details": '{"payload":{"rid":["Ab3"]}}',
            "campaign_id": 3,
            **fields,
        }
        raw = json.dumps(sent).encode() if body is None else body
        signature = "sha256=" + hmac.new(key.encode(), raw, sha256).hexdigest()
        return Client(enforce_csrf_checks=True).post(
            f"/hooks/gophish/{hook_id}/",
            raw,
            content_type="application/json",
            headers={"X-Gophish-Signature": signature},
        )

    return send


def stored():
    return Action.objects.count(), Enrollment.objects.count()


def test_a_signed_click_enrols(send):
    answer = send()
    assert (answer.status_code, answer.json()) == (200, {"accepted": 1, "known": 0, "enrolled": 1})
    assert stored() == (1, 1)


@pytest.mark.parametrize(
    ("message", "kind"),
    [
        ("Email Sent", "SENT"),
        ("Email Opened", "OPENED"),
        ("Submitted Data", "SUBMITTED"),
        ("Email Reported", "REPORTED"),
    ],
)
def test_what_each_message_means(send, message, kind):
    assert send(message=message).status_code == 200
    assert Action.objects.get().kind == kind


def test_a_replay_changes_nothing(send):
    at = timezone.now().isoformat()
    send(time=at)
    assert send(time=at).json() == {"accepted": 0, "known": 1, "enrolled": 0}
    assert stored() == (1, 1)


def test_a_wrong_signature_is_refused_and_nothing_stored(send, campaign):
    other = "00000000-0000-4000-8000-000000000000"
    assert send(key="guessed").status_code == 401
    assert send(hook_id=other).status_code == 401
    assert (
        Client().post(f"/hooks/gophish/{campaign.hook_id}/", "{}", "text/plain").status_code == 401
    )
    assert stored() == (0, 0)


def test_without_a_secret_nothing_is_accepted(send, campaign):
    campaign.hook_secret_sealed = ""
    campaign.save()
    assert send(key="").status_code == 401
    assert stored() == (0, 0)


def test_what_gophish_tells_beside_is_ignored(send):
    assert send(message="Campaign Created").json() == {"accepted": 0, "ignored": 1}
    assert stored() == (0, 0)


def test_its_ping_is_answered(send):
    assert send(body=b'{"success":true}').json() == {"accepted": 0, "ignored": 1}
    assert stored() == (0, 0)


def test_with_a_number_other_campaigns_of_gophish_are_ignored(send, campaign):
    campaign.gophish_number = 3
    campaign.save()
    assert send(campaign_id=4).json() == {"accepted": 0, "ignored": 1}
    assert send(campaign_id="3").json() == {"accepted": 0, "ignored": 1}
    assert stored() == (0, 0)
    assert send(campaign_id=3).json()["accepted"] == 1


def test_nine_digits_after_the_second(send):
    assert send(time="2026-01-02T03:04:05.123456789Z").status_code == 200
    assert Action.objects.get().happened_at.isoformat() == "2026-01-02T03:04:05.123456+00:00"


FAR = (timezone.now() + timedelta(days=400)).isoformat()
BAD = [
    {"body": b"not json"},
    {"body": b"[]"},
    {"body": b"[" * 50_000},
    {"email": ""},
    {"email": "nobody"},
    {"email": 7},
    {"email": "a\x00@b.example"},
    {"email": "a@" + "b" * 300},
    {"time": "yesterday"},
    {"time": "0001-01-01T00:00:00+14:00"},
    {"time": FAR},
    {"time": None},
    {"message": ["Clicked Link"]},
]


@pytest.mark.parametrize("bad", BAD)
def test_bad_input_is_refused_by_name(send, bad):
    answer = send(**bad)
    assert (answer.status_code, stored()) == (400, (0, 0))
    assert answer.json()["detail"]


def test_junk_is_refused_unread(send):
    assert send(body=b"x" * 1_000_000).status_code == 413
    assert stored() == (0, 0)
