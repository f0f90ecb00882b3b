"""The client reads a rehearsal Litmos to the end, with and without faults."""

from __future__ import annotations

import pytest

from integrations.contract.errors import IntegrationError, Missing
from integrations.providers.litmos.limits import Limits
from integrations.providers.litmos.sandbox import Sandbox


class Rehearsal:
    """A rehearsal Litmos with faults, read to the end."""

    def __init__(self, connect, faults: str, page_size: int = 50) -> None:
        self.sandbox = Sandbox(users=130, teams=3, courses=3, faults=faults, rate=None)
        with self.sandbox.serve() as server:
            limits = Limits(page_size=page_size)
            self.client = connect(server.url, key=self.sandbox.api_key, limits=limits)
            self.pages = []
            start, is_last = 0, False
            while not is_last:
                page = self.client.read_people(start)
                self.pages.append(page)
                start, is_last = start + page.received, page.is_last

    @property
    def ids(self) -> list[str]:
        return [record.integration_id for page in self.pages for record in page.records]

    @property
    def received(self) -> list[int]:
        return [page.received for page in self.pages]


@pytest.mark.parametrize(
    ("faults", "received", "calls"),
    [
        ("", [50, 50, 30], 3),
        ("500@2,502@3", [50, 50, 30], 5),
        ("reset@1,shortbody@2", [50, 50, 30], 5),
        ("html200@1,xml@2", [50, 50, 30], 5),
        ("bom", [50, 50, 30], 3),
        ("oversized=7", [57, 57, 16], 3),
        ("nulls,strings,reordered,extra_keys", [50, 50, 30], 3),
        ("missing_keys", [50, 50, 30], 3),
        ("slow=0.1", [50, 50, 30], 3),
    ],
)
def test_everybody_is_read_whatever_happens(connect, faults, received, calls):
    rehearsal = Rehearsal(connect, faults)
    assert rehearsal.received == received
    assert len(set(rehearsal.ids)) == 130
    assert rehearsal.client.calls == calls


def test_a_server_with_its_own_page_size_is_read_whole(connect):
    rehearsal = Rehearsal(connect, "pagesize=100", page_size=1000)
    assert rehearsal.received == [100, 30]
    assert len(set(rehearsal.ids)) == 130


def test_unreadable_records_do_not_stop_the_others(connect):
    rehearsal = Rehearsal(connect, "badrecord=4")
    assert rehearsal.received == [50, 50, 30]
    assert len(rehearsal.ids) == 130 - 12
    assert [one.reason for one in rehearsal.pages[0].rejected] == [
        "unreadable Email",
        "no Id",
        "not a record",
        "unreadable Active",
    ]


@pytest.mark.parametrize(
    ("faults", "code"),
    [
        ("stuck", "bad_format"),
        ("nan=1e999", "bad_format"),
        ("nan=huge", "bad_format"),
        ("deepnest", "bad_format"),
        ("latin1", "bad_format"),
        ("utf16", "bad_format"),
        ("truncated", "bad_format"),
        ("object", "bad_format"),
        ("empty200", "bad_format"),
        ("redirect", "unexpected_redirect"),
        ("503", "throttled"),
        ("401", "key_refused"),
        ("403", "not_permitted"),
        ("404", "wrong_site"),
    ],
)
def test_what_ends_the_reading(connect, faults, code):
    with pytest.raises(IntegrationError) as caught:
        Rehearsal(connect, faults)
    assert caught.value.code == code


def test_the_rest_of_a_session(connect):
    sandbox = Sandbox(users=40, teams=3, courses=6, rate=None)
    with sandbox.serve() as server:
        client = connect(server.url, key=sandbox.api_key)
        assert client.count_people() == 40
        teams = client.read_teams(0).records
        members = [client.read_members(team.integration_id, 0).records for team in teams]
        person = client.find_person(members[0][0])
        assert person and person.integration_id == members[0][0]
        assert client.find_person("nobody") is None
        courses = client.read_courses(0).records
        assert (len(courses), client.find_course(courses[5].integration_id)) == (6, courses[5])
        assert client.find_course("nothing") is None
    assert len(sandbox.calls) == client.calls == 10


def test_search_finds_people_and_their_teams(connect):
    sandbox = Sandbox(users=60, teams=4, courses=1, rate=None)
    with sandbox.serve() as server:
        client = connect(server.url, key=sandbox.api_key)
        person = next(record for record in client.read_people(0).records if record.email)
        found = client.search_people(person.email)
        teams = client.read_teams_of(person.integration_id)
        assert person in found
        assert {team.integration_id for team in teams} == set(
            sandbox.tenant.teams_of(person.integration_id)
        )
        assert client.search_people("nobody has this in any name") == ()
        assert len(client.search_people("e")) == 20
        assert client.search_people("x" * 80) == ()
        with pytest.raises(Missing):
            client.read_teams_of("NobodyHasThisId")
