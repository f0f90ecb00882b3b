"""Alice is Administrator and Bob Viewer of Acme, Charlie is Administrator of Globex."""

import itertools
import os
from pathlib import Path
from uuid import uuid4

import pytest
from django.db import connection as database
from django.test import Client
from pytest_socket import socket_allow_hosts

from accounts.models import Account, Role, User
from tests import migrated, passes
from tests.factories import AccountFactory, MembershipFactory


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection_modifyitems(config, items):
    passes.mark(items)
    if database.vendor == "sqlite":
        config.hook.pytest_deselected(items=list(filter(passes.needs_services, items)))
        items[:] = itertools.filterfalse(passes.needs_services, items)
    yield
    items.sort(key=passes.order)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    return passes.Scheduling(config, log)


def pytest_runtest_setup():
    socket_allow_hosts(["127.0.0.1", "::1", "localhost"], allow_unix_socket=True)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings) -> None:
    """The test database is a copy of the migrated one."""
    name = {"MIGRATE": False}
    if database.vendor == "postgresql":
        server = os.environ["DATABASE_URL"].rpartition("/")[0]
        name["TEMPLATE"] = migrated.postgres_template(server)
    else:
        name["NAME"] = str(Path(os.environ["PORTAL_VAR"]) / "tests.sqlite3")
        migrated.copy_sqlite(Path(name["NAME"]))
    database.settings_dict["TEST"] |= name


@pytest.fixture(scope="session")
def django_db_keepdb() -> bool:
    """Django would replace a file that is there by an empty one."""
    return database.vendor == "sqlite"


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
