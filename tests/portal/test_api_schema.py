"""Whatever the description allows, and what it does not, is answered as described (schemathesis)."""

import os
import re
from uuid import uuid4

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from django_scopes import scope
from hypothesis import HealthCheck, settings
from schemathesis.specs.openapi.checks import negative_data_rejection

from accounts.models import Scope
from accounts.tokens import make_token
from portal.api.described import described
from portal.api.urls import api
from tests.world import make_world

EXAMPLES = int(os.environ.get("API_EXAMPLES") or 15)
SCHEMA = schemathesis.openapi.from_dict(described(api))
SCHEMA.app = get_wsgi_application()


@pytest.fixture
def keeps_connection():
    """The test's transaction lives in its connection, which a real server closes between requests."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def known(keeps_connection, acme, alice, settings):
    """A token for everything, and an id of each kind that there is."""
    settings.API_RATE = (1_000_000, 60)
    with scope(account=acme):
        world = make_world(acme)
        token = make_token(account=acme, user=alice, name="All", scopes=Scope.values)[1]
    ids = {
        "group_id": [world.group.pk],
        "target_id": [world.target.pk],
        "connection_id": [world.connection.pk],
        "run_id": [world.held.pk, world.preview.pk],
        "enrollment_id": [world.enrollment.pk],
    }
    return token, ids


@pytest.mark.services
@pytest.mark.django_db
@SCHEMA.parametrize()
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
def test_every_call_is_answered_as_described(case, known):
    token, ids = known
    for name, value in (case.path_parameters or {}).items():
        # Half of what could be an id becomes one that there is.
        if isinstance(value, int) and value > 0 and value % 2:
            case.path_parameters[name] = ids[name][value % len(ids[name])]
    if re.fullmatch("[!-~]{1,255}", (case.headers or {}).get("Idempotency-Key") or ""):
        case.headers["Idempotency-Key"] = uuid4().hex  # one of its own for each body
    # The rows of a batch are described, but each is checked by itself and told by its place.
    is_batch = case.operation.label == "POST /api/v1/actions"
    case.call_and_validate(
        headers={"Authorization": f"Bearer {token}"},
        excluded_checks=[negative_data_rejection] if is_batch else [],
    )
