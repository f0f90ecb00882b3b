"""A team's list that gets shorter while its pages are read: whoever was missed stays."""

import pytest

from tests.integrations.sync.states import log, memberships

pytestmark = pytest.mark.django_db


@pytest.fixture
def large(remote):
    """20 more people in T1, read seven at a time."""
    remote.page_size = 7
    for number in range(20):
        remote.person(f"X{number:02}", f"x{number:02}@acme.example", "T1", name=f"X {number:02}")
    return remote


def leaving_between_pages(remote, batches):
    """Before each of these pages of T1, counted from the second, the first so many are dismissed."""
    opened = remote.session

    def session():
        made = opened()
        read = made.read_members

        def read_members(team, start):
            if team == "T1" and start and batches:
                for key in sorted(remote.members["T1"])[: batches.pop(0)]:
                    remote.members["T1"].discard(key)
            return read(team, start)

        made.read_members = read_members
        return made

    remote.session = session


def test_a_large_team_is_read_whole(sync, large):
    run = sync()
    assert run.status == "SYNCED"
    assert len(memberships()["Sales"]) == 22
    assert log(sync()) == []


def test_a_list_that_got_shorter_once_is_read_again(sync, large):
    sync()
    leaving_between_pages(large, [3])
    run = sync()
    assert run.status == "SYNCED"
    assert all(memberships()["Sales"].values())
    left = [row for row in log(sync()) if row[1] == "DEACTIVATE"]
    assert len(left) == 3
    assert sum(memberships()["Sales"].values()) == 19


def test_a_list_that_goes_on_getting_shorter_loses_nobody_yet(sync, large):
    sync()
    before = memberships()
    leaving_between_pages(large, [2, 2])
    run = sync()
    assert (run.status, log(run)) == ("SYNCED", [])
    assert memberships() == before
    assert [row[1] for row in log(sync())] == ["DEACTIVATE"] * 4
