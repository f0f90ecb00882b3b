"""Alice is Administrator and Bob Viewer of Acme, Charlie is Administrator of Globex."""

from uuid import uuid4

import pytest
from django.test import Client
from pytest_socket import socket_allow_hosts

from accounts.models import Account, Role, User
from tests.factories import AccountFactory, MembershipFactory

#: These ask nothing of a database, or the same of each: one pass of `make test` is enough for them.
ONCE = (
    "tests/meta/",
    "tests/integrations/litmos/",
    "tests/integrations/sandbox/",
    "tests/webhooks/test_addresses.py",
    "tests/webhooks/test_client.py",
    "tests/webhooks/test_signing.py",
    "tests/webhooks/test_wording.py",
    "tests/security/test_addresses.py",
    "tests/security/test_code.py",
    "tests/portal/test_templates.py",
    "tests/portal/test_vendor.py",
    "tests/portal/test_fields.py",
)
#: The numbers of calls are counted in Redis, and cleaned text goes through the database.
TWICE = ("litmos/test_budget.py", "litmos/test_values.py")


def pytest_collection_modifyitems(items):
    for item in items:
        path = str(item.path)
        if any(part in path for part in ONCE) and not path.endswith(TWICE):
            item.add_marker(pytest.mark.once)


def pytest_runtest_setup():
    socket_allow_hosts(["127.0.0.1", "::1", "localhost"], allow_unix_socket=True)


@pytest.fixture(autouse=True)
def fresh_limits(settings) -> None:
    """An empty cache, where the limits of log-in are counted: users of other tests have the same id."""
    backend = "django.core.cache.backends.locmem.LocMemCache"
    settings.CACHES = {"default": {"BACKEND": backend, "LOCATION": str(uuid4())}}


@pytest.fixture
def acme(db) -> Account:
    return AccountFactory(name="Acme")


@pytest.fixture
def globex(db) -> Account:
    return AccountFactory(name="Globex")


def _member(name: str, account: Account, role: Role) -> User:
    email = f"{name.lower()}@{account.name.lower()}.example"
    return MembershipFactory(user__name=name, user__email=email, account=account, role=role).user


@pytest.fixture
def alice(acme) -> User:
    return _member("Alice", acme, Role.ADMINISTRATOR)


@pytest.fixture
def bob(acme) -> User:
    return _member("Bob", acme, Role.VIEWER)


@pytest.fixture
def charlie(globex) -> User:
    return _member("Charlie", globex, Role.ADMINISTRATOR)


def _client(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def as_alice(alice) -> Client:
    return _client(alice)


@pytest.fixture
def as_bob(bob) -> Client:
    return _client(bob)


@pytest.fixture
def as_charlie(charlie) -> Client:
    return _client(charlie)
