"""What holds for every call of the API."""

import re

import pytest

from accounts.tokens import make_token
from portal.api import actions
from portal.api.urls import api
from tests.meta.files import ROOT, tracked

SOURCES = "".join(path.read_text() for path in tracked("portal/api/*.py"))
CODES = set(re.findall(r'Problem\(\s*(?:self\.)?(?:\d+|error\.status_code), "(\w+)"', SOURCES))
GUIDE = (ROOT / "docs/api.md").read_text()
#: What only the library itself could raise.
NEVER_SENT = {"refused"}


def test_the_guide_names_every_code():
    assert len(CODES) > 10
    assert sorted(code for code in CODES - NEVER_SENT if f"| `{code}` |" not in GUIDE) == []


def test_the_description_tells_the_fields_and_the_limit():
    described = api.get_openapi_schema()
    batch = described["components"]["schemas"]["Batch"]["properties"]["actions"]
    assert batch["maxItems"] == 1000
    fields = ["campaign", "email", "kind", "happened_at", "is_bot", "id"]
    assert list(batch["items"]["properties"]) == fields
    call = described["paths"]["/api/v1/actions"]["post"]
    assert [one["name"] for one in call["parameters"]] == ["Idempotency-Key"]
    assert call["security"] == [{"TokenWith": []}]


@pytest.mark.django_db
def test_what_nobody_expected_tells_the_request_and_nothing_else(client, acme, alice, monkeypatch):
    def fail(**_values):
        raise RuntimeError("the inside")

    value = make_token(account=acme, user=alice, name="SIEM", scopes=["ACTIONS_WRITE"])[1]
    monkeypatch.setattr(actions, "take_batch", fail)
    headers = {"Authorization": f"Bearer {value}", "X-Request-ID": "r-1"}
    answer = client.post(
        "/api/v1/actions", {"actions": []}, content_type="application/json", headers=headers
    )
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json() == {
        "type": "about:blank",
        "title": "Internal Server Error",
        "status": 500,
        "code": "unexpected",
        "detail": "Something went wrong on our side. Ask the operator about request r-1.",
    }
