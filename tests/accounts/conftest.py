import pytest

from portal import log_in
from tests.oidc import CLIENT_ID, SECRET, serve


@pytest.fixture(scope="module")
def server():
    with serve() as provider:
        yield provider


@pytest.fixture
def company(server, settings):
    """The provider is set up, and Alice has logged in there."""
    fresh = type(server)(url=server.url, key=server.key)
    vars(server).update(vars(fresh))
    server.person = {"sub": "a-1", "email": "Alice@acme.example", "email_verified": True}
    app = log_in.sso_app("Acme's log-in", f"{server.url}/", CLIENT_ID, SECRET)
    settings.SOCIALACCOUNT_PROVIDERS = app
    return server
