"""While Redis can't be reached, what needs it says so, with a cure."""

import pytest

from accounts.models import Scope
from accounts.tokens import make_token
from tests.factories import PASSWORD

pytestmark = pytest.mark.django_db
NOWHERE = "redis://127.0.0.1:1/0"


@pytest.fixture
def without_redis(settings):
    backend = "django.core.cache.backends.redis.RedisCache"
    settings.CACHES = {"default": {"BACKEND": backend, "LOCATION": NOWHERE}}


def assert_away(answer):
    assert answer.status_code == 503
    assert answer["Retry-After"] == "30"
    assert "/readyz" in answer.text


def test_a_log_in(client, alice, without_redis, caplog):
    answer = client.post("/login/", {"login": alice.email, "password": PASSWORD})
    assert_away(answer)
    assert "Not right now" in answer.text
    assert "Redis can't be reached: ConnectionError" in caplog.messages
    assert "_auth_user_id" not in client.session


def test_a_file_of_rows(as_alice, without_redis):
    assert_away(as_alice.get("/targets/targets.csv"))


def test_the_api(client, acme, alice, without_redis):
    _, key = make_token(account=acme, user=alice, name="x", scopes=[Scope.READ])
    answer = client.get("/api/v1/groups", headers={"Authorization": f"Bearer {key}"})
    assert_away(answer)
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["code"] == "unavailable"


def test_a_page_that_needs_nothing_of_it(as_alice, without_redis):
    assert as_alice.get("/").status_code == 200
