from datetime import UTC, datetime

import pytest
from django.contrib.messages import get_messages

from integrations.models import TargetLink
from targets.selectors import FIELDS
from tests.factories import ConnectionFactory, GroupFactory, GroupMembershipFactory, TargetFactory

ARTICLE = [
    "integration_id",
    "email",
    "first_name",
    "last_name",
    "name",
    "phone_business",
    "phone_mobile",
    "address_one",
    "address_two",
    "city",
    "state",
    "zip",
    "country",
    "company",
    "title",
    "timezone",
    "language",
    "manager",
    "optional_1",
    "optional_2",
    "optional_3",
]


@pytest.fixture
def ann(acme):
    return TargetFactory(account=acme, name="Ann", source="litmos")


def told(answer) -> list[str]:
    return [str(message) for message in get_messages(answer.wsgi_request)]


def test_who_opens_a_target(client, as_alice, as_bob, as_charlie, ann):
    address = f"/targets/{ann.pk}/"
    assert client.get(address)["Location"] == f"/login/?next={address}"
    assert as_alice.get(address).status_code == 200
    assert "Switch off everywhere" not in as_bob.get(address).text
    assert as_charlie.get(address).status_code == 404
    assert as_alice.get(f"/targets/{10**30}/").status_code == 404


def test_all_21_fields_under_the_portal_s_names(as_alice, acme):
    own = {name: f"value of {name}"[:15] for name in FIELDS if name != "email"}
    target = TargetFactory(account=acme, email="ann@example.com", source="litmos", **own)
    connection = ConnectionFactory(account=acme)
    TargetLink(
        account=acme, connection=connection, target=target, integration_id="Ab-1_9"
    ).save_base()
    values = as_alice.get(f"/targets/{target.pk}/").context["values"]
    assert [value.field for value in values] == ARTICLE
    assert {value.field: value.value for value in values} == {
        **own,
        "integration_id": "Ab-1_9",
        "email": "ann@example.com",
    }


def test_a_page_of_somebody_active(as_alice, ann, acme):
    GroupMembershipFactory(group=GroupFactory(account=acme, name="Sales"), target=ann)
    answer = as_alice.get(f"/targets/{ann.pk}/")
    assert (answer.context["states"], answer.context["is_active"]) == ([], True)
    assert "These values come from Litmos." in answer.text


@pytest.mark.parametrize(
    ("person", "memberships", "sentences"),
    [
        ({}, [], ["This person is in no group."]),
        (
            {"is_active": False},
            [{}],
            ["An administrator switched this person off everywhere."],
        ),
        (
            {},
            [{"is_active": False, "set_by": "SYNC"}],
            ["Switched off in the only group: 1 by a sync."],
        ),
        (
            {},
            [{"is_active": False, "set_by": "SYNC"}] * 2
            + [{"is_active": False, "set_by": "PERSON"}],
            ["Switched off in all 3 groups: 2 by a sync, 1 by an administrator."],
        ),
    ],
)
def test_why_somebody_is_inactive(as_alice, acme, person, memberships, sentences):
    target = TargetFactory(account=acme, **person)
    for values in memberships:
        GroupMembershipFactory(group=GroupFactory(account=acme), target=target, **values)
    answer = as_alice.get(f"/targets/{target.pk}/")
    assert answer.context["states"] == sentences
    assert answer.context["is_active"] is False


def test_who_left_the_source_is_flagged(as_alice, acme):
    acme.time_zone = "America/New_York"
    acme.save()
    left = datetime(2026, 3, 1, 2, 0, tzinfo=UTC)
    target = TargetFactory(account=acme, source="litmos", left_source_at=left)
    page = as_alice.get(f"/targets/{target.pk}/").text
    assert 'title="28 Feb 2026, 21:00 (America/New_York)">28 Feb 2026</time>.' in page
    assert "Left Litmos on" in page


def test_switched_off_and_on_everywhere(as_alice, ann):
    address = f"/targets/{ann.pk}/switch/"
    before = ann.updated_at
    assert told(as_alice.post(address, {"is_active": "off"})) == [
        "Ann is switched off in every group."
    ]
    ann.refresh_from_db()
    assert (ann.is_active, ann.updated_at > before) == (False, True)
    assert "Switch on again" in as_alice.get(f"/targets/{ann.pk}/").text
    as_alice.post(address, {"is_active": "on", "source": "", "email": "x"})
    ann.refresh_from_db()
    assert (ann.is_active, ann.source) == (True, "litmos")


def test_nobody_else_switches(client, as_bob, as_charlie, ann):
    address = f"/targets/{ann.pk}/switch/"
    answers = [each.post(address, {"is_active": "off"}) for each in (client, as_bob, as_charlie)]
    assert [answer.status_code for answer in answers] == [302, 403, 404]
    ann.refresh_from_db()
    assert ann.is_active


@pytest.mark.parametrize("count", [3, 60])
def test_queries_do_not_grow(as_alice, ann, acme, count, django_assert_max_num_queries):
    for _ in range(count):
        GroupMembershipFactory(group=GroupFactory(account=acme), target=ann)
    with django_assert_max_num_queries(9):
        as_alice.get(f"/targets/{ann.pk}/")
