"""Who is shown on Users, and in which order."""

import csv
import re

import pytest
from django.utils.timezone import now
from django_scopes import scopes_disabled

from accounts.models import AuditEvent, Role, User
from tests.factories import MembershipFactory

pytestmark = pytest.mark.django_db
USERS = "/administration/users/"


@pytest.fixture(autouse=True)
def people(acme, alice):
    User.objects.filter(pk=alice.pk).update(last_login=now())
    for name, role, values in (
        ("Zoe", Role.VIEWER, {"last_login": now()}),
        ("Ben", Role.VIEWER, {}),
        ("Yan", Role.ADMINISTRATOR, {"last_login": now(), "is_active": False}),
    ):
        email = f"{name.lower()}@other.example"
        member = MembershipFactory(account=acme, role=role, user__name=name, user__email=email)
        User.objects.filter(pk=member.user_id).update(**values)


def shown(client, query: str) -> list[str]:
    page = client.get(f"{USERS}?{query}").content.decode()
    return re.findall(r'<th scope="row"[^>]*>(\w+)@', page)


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", ["alice", "ben", "yan", "zoe"]),
        ("q=OTHER", ["ben", "yan", "zoe"]),
        ("q=zo", ["zoe"]),
        ("role=VIEWER", ["ben", "zoe"]),
        ("state=invited", ["ben"]),
        ("state=on", ["alice", "zoe"]),
        ("state=off", ["yan"]),
        ("sort=-email", ["zoe", "yan", "ben", "alice"]),
        ("sort=role", ["alice", "yan", "ben", "zoe"]),
        ("sort=name&q=other&role=VIEWER", ["ben", "zoe"]),
        ("sort=user__password", ["alice", "ben", "yan", "zoe"]),
    ],
)
def test_who_is_shown(as_alice, query, names):
    assert shown(as_alice, query) == names


def test_what_is_shown_as_a_file(as_alice):
    answer = as_alice.get(f"{USERS}users.csv?q=other&sort=-name")
    rows = list(csv.reader(answer.getvalue().decode("utf-8-sig").splitlines()))
    assert rows[0] == ["E-mail", "Name", "Role", "Second factor", "State", "Last log-in"]
    assert [[*row[:5], row[5][:3]] for row in rows[1:]] == [
        ["zoe@other.example", "Zoe", "Viewer", "no", "Active", "202"],
        ["yan@other.example", "Yan", "Administrator", "no", "Switched off", "202"],
        ["ben@other.example", "Ben", "Viewer", "no", "Invited", ""],
    ]
    with scopes_disabled():
        assert AuditEvent.objects.latest("pk").subject == "users.csv"


def test_nobody_matches(as_alice):
    page = as_alice.get(f"{USERS}?q=nobody").content.decode()
    assert "Nobody matches" in page
    assert "Clear the filter" in page


def test_row_01_another_account_finds_none_of_them(as_charlie):
    assert shown(as_charlie, "q=other") == []
    assert shown(as_charlie, "") == ["charlie"]
