import pytest
from django.utils import timezone

from groups.models import Group
from integrations.models import GroupLink
from tests.factories import GroupFactory
from tests.integrations.views.conftest import STORE, text

DRIFT = f"{STORE}paper/drift/"
pytestmark = pytest.mark.usefixtures("in_acme")


@pytest.fixture
def add(acme, connection):
    def add(name: str, *, joining=0, leaving=0, is_compared=True, **switches) -> Group:
        group = GroupFactory(account=acme, name=name, source="paper", **switches)
        GroupLink.objects.create(
            account=acme, connection=connection, group=group, integration_id=name,
            joining=joining, leaving=leaving,
            compared_at=timezone.now() if is_compared else None,
        )  # fmt: skip
        return group

    return add


def test_the_farthest_first_and_only_those_that_could_follow(as_alice, add):
    add("Near", joining=1)
    add("Far", joining=1200, leaving=3)
    add("Same")
    add("New", is_compared=False)
    for switch in ("auto_sync", "locked", "is_archived"):
        add(switch, joining=5, **{switch: True})
    answer = as_alice.get(DRIFT)
    assert [(link.group.name, line) for link, line in answer.context["lines"]] == [
        ("Far", "1,200 to join, 3 to leave"),
        ("Near", "1 to join"),
        ("New", "Not compared yet"),
        ("Same", "The same people as there"),
    ]
    assert f'action="{STORE}paper/preview/"' in answer.text


def test_nothing_drifts(as_alice, add):
    add("On", auto_sync=True)
    answer = as_alice.get(DRIFT)
    assert "No group drifts" in text(answer)
    assert "Compare now" not in text(answer)


def test_who_opens_it(client, as_bob, as_charlie, connection):
    assert client.get(DRIFT)["Location"] == f"/login/?next={DRIFT}"
    assert as_bob.get(DRIFT).status_code == 403
    assert as_charlie.get(DRIFT).status_code == 404


def test_pages_of_groups_tell_it(as_alice, as_bob, add):
    far, near, on = add("Far", leaving=3), add("Near"), add("On", joining=9, auto_sync=True)
    page = text(as_alice.get("/groups/"))
    assert page.count("to leave") == 1
    assert "to join" not in page
    assert "3 to leave" in text(as_alice.get(f"/groups/{far.pk}/"))
    assert "The same people as there" in text(as_bob.get(f"/groups/{near.pk}/"))
    assert "Drift report" in text(as_alice.get(f"/groups/{far.pk}/"))
    assert "Drift report" not in text(as_bob.get(f"/groups/{far.pk}/"))
    assert "to join" not in text(as_alice.get(f"/groups/{on.pk}/"))
