import hmac
import json
from datetime import timedelta
from hashlib import sha256

import pytest
from django.test import Client
from django.utils import timezone

from integrations import vault
from training.models import Action, Campaign, Enrollment
from training.services.campaigns import end_campaign, renew_hook_secret, save_campaign

pytestmark = pytest.mark.django_db


@pytest.fixture
def send(campaign):
    secret = renew_hook_secret(campaign=campaign)

    def send(body=None, *, key=secret, hook_id=campaign.hook_id, address="", **fields):
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
            address or f"/hooks/gophish/{hook_id}/",
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


def test_a_form_as_large_as_gophish_takes_is_taken_and_not_kept(send):
    typed = json.dumps({"payload": {"essay": ['<\U0001f600"' * 250_000]}})
    assert send(details=typed).json() == {"accepted": 1, "known": 0, "enrolled": 1}
    assert "essay" not in str(Action.objects.values())


def test_a_name_beside_the_address_is_no_part_of_it(send, ann):
    assert send(email="Ann Lee <Ann@Acme.example>").json()["enrolled"] == 1
    action = Action.objects.get()
    assert (action.email, action.target) == ("Ann@acme.example", ann)


HOOK = "/hooks/gophish/00000000-0000-4000-8000-000000000000/"
COMPLETIONS = "/hooks/completions/guessed/"


@pytest.mark.parametrize("address", [HOOK, COMPLETIONS])
@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"CONTENT_LENGTH": "25000001"}, 413),
        ({"CONTENT_LENGTH": "9" * 5000}, 413),
        ({"CONTENT_LENGTH": "many"}, 411),
        ({"CONTENT_LENGTH": ""}, 411),
        ({"HTTP_TRANSFER_ENCODING": "chunked"}, 411),
    ],
)
def test_what_is_too_long_or_of_unknown_length_is_refused_unread(address, headers, status):
    answer = Client().post(address, "{}", content_type="application/json", **headers)
    assert (answer.status_code, bool(answer.json()["detail"])) == (status, True)


@pytest.mark.parametrize(
    "address",
    [
        HOOK,
        HOOK.rstrip("/"),
        COMPLETIONS,
        COMPLETIONS.rstrip("/"),
        "/hooks/gophish/no-uuid",
        "/hooks/gophish",
        "/hooks/a//b/",
    ],
)
@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("is_https", [False, True])
def test_nothing_below_hooks_redirects(settings, address, method, is_https):
    settings.SECURE_SSL_REDIRECT = True
    sent = {"data": "{}", "content_type": "application/json"} if method == "post" else {}
    answer = getattr(Client(), method)(address, secure=is_https, **sent)
    assert 400 <= answer.status_code < 500


def test_without_the_last_slash_it_is_accepted(send, campaign):
    answer = send(address=f"/hooks/gophish/{campaign.hook_id}")
    assert (answer.status_code, stored()) == (200, (1, 1))


def test_what_others_sent_is_counted_until_the_number_is_another(send, campaign, as_alice):
    page = f"/campaigns/{campaign.pk}/"
    campaign.gophish_number = 3
    campaign.save()
    before = timezone.now()
    for number in (4, None, "3"):
        assert send(campaign_id=number).json() == {"accepted": 0, "ignored": 1}
    send(campaign_id=4, message="Campaign Created")
    send(campaign_id=4, key="guessed")
    campaign.refresh_from_db()
    assert campaign.hook_ignored == 3
    assert before <= campaign.hook_ignored_at <= timezone.now()
    assert (
        "3 actions of other campaigns, or without a number, were ignored" in as_alice.get(page).text
    )
    chosen = {
        "name": "Autumn",
        "groups": [one.pk for one in campaign.groups.all()],
        "courses": [one.pk for one in campaign.courses.all()],
        "failing": campaign.failing,
        "waiting_minutes": 0,
        "not_again_days": 90,
        "gophish_number": 4,
    }
    as_alice.post(f"{page}edit/", chosen)
    campaign.refresh_from_db()
    assert (campaign.gophish_number, campaign.hook_ignored) == (4, 0)
    assert "were ignored" not in as_alice.get(page).text
    assert send(campaign_id=4).json()["accepted"] == 1


def test_saving_settings_takes_back_nothing_that_was_done_meanwhile(campaign):
    opened = Campaign.objects.get(pk=campaign.pk)
    secret = renew_hook_secret(campaign=campaign)
    end_campaign(campaign=campaign, withdraws=False)
    chosen = {"name": "Winter", "groups": [], "courses": [], "gophish_number": None}
    save_campaign(opened, chosen)
    kept = Campaign.objects.get(pk=campaign.pk)
    assert (kept.name, kept.state) == ("Winter", "ENDED")
    assert vault.unseal(kept.hook_secret_sealed, context=kept.hook_context).reveal() == secret
