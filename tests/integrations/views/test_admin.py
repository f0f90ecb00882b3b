import pytest

from accounts.models import User
from tests.factories import CourseFactory, SyncRunFactory
from tests.integrations.views.provider import GOOD_KEY
from tests.logging_in import give_app


@pytest.fixture
def operator(db, client):
    made = User.objects.create_superuser("root@example.com", "a long password")
    give_app(made)
    client.force_login(made)
    return client


def test_the_operator_looks_and_changes_nothing(operator, connection):
    run, course = SyncRunFactory(connection=connection), CourseFactory(connection=connection)
    for kind, row in (("connection", connection), ("syncrun", run), ("course", course)):
        address = f"/admin/integrations/{kind}/"
        assert operator.get(address).status_code == 200
        page = operator.get(f"{address}{row.pk}/change/")
        assert page.status_code == 200
        for secret in (GOOD_KEY, connection.api_key_sealed, connection.api_key_fingerprint):
            assert secret not in page.content.decode()
        assert operator.get(f"{address}add/").status_code == 403
        assert operator.post(f"{address}{row.pk}/delete/", {"post": "yes"}).status_code == 403


def test_nobody_else_may_look(as_alice, connection):
    assert as_alice.get("/admin/integrations/connection/").status_code == 302
