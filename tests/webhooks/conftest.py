import pytest
from django_scopes import scope

from tests.factories import PASSWORD
from webhooks import services
from webhooks.client import Answer
from webhooks.models import Delivery, Endpoint, EventType
from webhooks.services import make_endpoint

ADDRESS = "https://hooks.example.com/portal"


class Receiver:
    """Stands for the client: answers what it was told to, and keeps what it was given."""

    is_private_allowed = False

    def __init__(self, *answers):
        self.answers = [
            one if isinstance(one, Answer) else Answer(one, b"", "", 5) for one in answers
        ]
        self.got = []

    def post(self, place, *, headers, body):
        self.got.append((place, headers, body))
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@pytest.fixture
def in_acme(acme):
    with scope(account=acme):
        yield acme


@pytest.fixture
def make(acme):
    """An endpoint; its secret is in `secrets`, by its id."""

    def make(account=acme, **values):
        chosen = {"address": ADDRESS, "events": EventType.values} | values
        with scope(account=account):
            made, secret = make_endpoint(account=account, **chosen)
        make.secrets[made.pk] = secret
        return made

    make.secrets = {}
    return make


@pytest.fixture
def endpoint(make) -> Endpoint:
    return make(description="SIEM")


@pytest.fixture
def delivery(endpoint, acme) -> Delivery:
    with scope(account=acme):
        services.emit(account=acme, type="run.failed", body={"run": 7})
        return Delivery.objects.get()


@pytest.fixture
def confirmed(as_alice):
    """Alice has given her password a moment ago."""
    as_alice.post("/accounts/reauthenticate/", {"password": PASSWORD})
    return as_alice
