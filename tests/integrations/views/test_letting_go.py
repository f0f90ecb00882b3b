"""A Save that would unlink groups names them and asks first."""

import pytest

from groups.models import Group
from integrations.models import Connection, GroupLink, SyncRun
from tests.factories import GroupFactory
from tests.integrations.views.conftest import STORE, text
from tests.logging_in import confirm

SETUP = f"{STORE}paper/setup/"

TYPED = {
    "action": "save",
    "region": "us",
    "is_active": "on",
    "sync_content": "COURSES_USERS",
    "default_lms": "NONE",
    "sync_all_groups": "yes",
}
COURSES = {"sync_content": "COURSES"}


@pytest.fixture(autouse=True)
def teams(in_acme, connection, site, passed):
    """A group for each team; that of the last one is locked, so that no sync lets it go."""
    passed()
    for team in site.teams:
        group = GroupFactory(account=in_acme, name=f"Group {team.integration_id}", source="paper")
        GroupLink.objects.create(
            account=in_acme,
            connection=connection,
            group=group,
            integration_id=team.integration_id,
            remote_name=team.name,
        )
    Group.objects.filter(links__integration_id=site.teams[-1].integration_id).update(locked=True)
    return [team.integration_id for team in site.teams]


@pytest.fixture
def save(as_alice):
    client = confirm(as_alice)
    return lambda **changes: client.post(SETUP, {**TYPED, **changes})


def asked(answer) -> tuple[list[str], str]:
    page = answer.context["page"]
    return [group.name for group in page.let_go], page.let_go_seen


def test_it_asks_and_names_them(save, teams):
    names = [f"Group {team}" for team in teams]
    answer = save(**COURSES)
    assert asked(answer)[0] == names[:2]
    assert f"The next sync lets 2 groups go: {names[0]}, {names[1]}." in text(answer)
    some = {"sync_all_groups": "no", "teams": teams[:1]}
    assert asked(save(**some))[0] == names[1:2]
    assert (SyncRun.objects.count(), Connection.objects.get().sync_content) == (0, "COURSES_USERS")


def test_what_is_confirmed_are_these_groups_alone(save, teams):
    _, seen = asked(save(sync_all_groups="no", teams=teams[:1]))
    assert len(asked(save(**COURSES, let_go=seen))[0]) == 2
    assert save(sync_all_groups="no", teams=teams[:1], let_go=seen)["Location"] == STORE
    assert not Connection.objects.get().sync_all_groups


def test_nothing_is_asked_where_no_group_is_let_go(save, teams):
    assert save()["Location"] == STORE
    assert save(sync_all_groups="no", teams=teams[:2])["Location"] == STORE
