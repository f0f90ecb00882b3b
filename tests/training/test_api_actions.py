import json

import pytest
from django.test import Client
from django.utils import timezone

from accounts.tokens import make_token
from training.models import Action, Enrollment

pytestmark = pytest.mark.django_db
ADDRESS = "/api/v1/actions"


@pytest.fixture
def token(acme, alice):
    return make_token(account=acme, user=alice, name="SIEM", scopes=["ACTIONS_WRITE"])[1]


@pytest.fixture
def row():
    def row(email="ann@acme.example", kind="clicked", **fields):
        fields.setdefault("happened_at", timezone.now().isoformat())
        return {"email": email, "kind": kind, **fields}

    return row


@pytest.fixture
def send(campaign, token):
    def send(actions=(), *, raw=None, key=None, bearer=token, **body):
        headers = {"Authorization": f"Bearer {bearer}"} | ({"Idempotency-Key": key} if key else {})
        body = {"campaign": campaign.pk, "actions": actions} | body
        text = json.dumps(body).encode() if raw is None else raw
        client = Client(enforce_csrf_checks=True)
        return client.post(ADDRESS, text, content_type="application/json", headers=headers)

    return send


def stored():
    return Action.objects.count(), Enrollment.objects.count()


def test_good_rows_go_in_and_bad_ones_are_told_by_index(send, row):
    answer = send([row(), row(kind="danced"), row(email="stranger@x.example"), 7])
    assert answer.status_code == 200
