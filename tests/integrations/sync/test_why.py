"""Why here, why not here: each of the eight cases, from the last sync and from the source itself."""

from datetime import UTC, datetime

import pytest

from accounts import audit
from accounts.models import SeatRule
from groups.models import Group
from integrations.models import ChosenTeam
from integrations.selectors import answers, asked_answer, last_reading
from targets.models import GroupMembership, Target

pytestmark = pytest.mark.django_db
MOMENT = datetime(2026, 11, 3, 12, tzinfo=UTC)


@pytest.fixture
def told(connection):
    """What is answered from what was seen last: label → sentences."""

    def told(text: str) -> dict[str, list[str]]:
        found = answers(text, connection, last_reading(connection))
        return {answer.label: answer.sentences for answer in found}

    return told


@pytest.fixture
def asked(connection, remote):
    """What is answered when the source is asked: label → sentences."""

    def asked(text: str) -> dict[str, list[str]]:
        session = remote.session()
        found = [
            asked_answer(connection, record, session.read_teams_of(record.integration_id))
            for record in session.search_people(text)
        ]
        return {answer.label: answer.sentences for answer in found}

    return asked


def test_here(sync, told, asked):
    sync()
    assert told("bo@acme") == {"Bo Ek": ["Is active in Sales, Support."]}
    assert asked("Bo E") == {"Bo Ek": ["Is here, and follows Litmos through Sales, Support."]}


def test_comes_with_the_next_sync(sync, told, asked, remote):
    sync()
    remote.person("P8", "di@acme.example", "T1", name="Di Ax")
    assert told("di@acme.example") == {}
    assert asked("di@acme.example") == {
        "Di Ax": ["Nothing keeps this person out: the next sync brings them in through Sales."]
    }


def test_not_at_the_source(sync, told, asked):
    sync()
    assert told("zoe") == asked("zoe") == {}


def test_gone_from_the_source(sync, told, remote):
    sync()
    remote.people.pop("P1")
    sync()
    (sentence,) = [text for text in told("ann")["Ann Lee"] if "inactive" in text]
    assert sentence.startswith("Is inactive in Sales: no longer at Litmos. Since ")


@pytest.mark.parametrize(
    ("email", "sentence"),
    [
        ("", "has no e-mail address at Litmos."),
        ("nonsense", "the e-mail address at Litmos is not valid."),
    ],
)
def test_no_valid_email(sync, told, asked, remote, email, sentence):
    remote.person("P8", email, "T1", name="Di Ax")
    sync()
    assert told("Di A") == {"Di Ax": [f"Is not here: {sentence}"]}
    assert asked("Di A") == {"Di Ax": [sentence[0].upper() + sentence[1:]]}


def test_in_no_chosen_team(sync, told, asked, remote, connection):
    remote.team("T9", "Board")
    remote.person("P8", "di@acme.example", "T9", name="Di Ax")
    connection.sync_all_groups = False
    connection.save()
    for team in ("T1", "T2"):
        ChosenTeam.objects.create(
            account=connection.account, connection=connection, integration_id=team, name=team
        )
    sync()
    assert told("Di A") == {"Di Ax": ["Is not here: is in no team that is synced."]}
    assert asked("Di A") == {"Di Ax": ["Is in no team that is synced, only in Board."]}


def test_in_no_team_at_all(sync, asked, remote):
    sync()
    remote.person("P8", "di@acme.example", "", name="Di Ax")
    assert asked("Di A") == {"Di Ax": ["Is in no team at Litmos."]}


def test_locked_group(sync, told, asked, remote):
    sync()
    Group.objects.filter(name="Support").update(locked=True)
    remote.person("P8", "di@acme.example", "T2", name="Di Ax")
    sync()
    locked = "The group Support is locked, so no sync changes who is in it."
    assert told("cy@") == {"Cy Fu": ["Is active in Support.", locked]}
    assert asked("Di A") == {"Di Ax": ["The group Support is locked, so nothing syncs it."]}


def test_held_since(sync, told, remote):
    sync()
    remote.members["T1"].clear()
    run = sync()
    run.finished_at = MOMENT
    run.save()
    held = "A change is held since 3 Nov 2026: a whole team came back empty."
    assert run.status == "HELD"
    assert told("ann")["Ann Lee"] == ["Is active in Sales.", held]


def test_switched_off_by_whom(sync, told, scoped, alice):
    sync()
    seat = GroupMembership.objects.get(target__name="Bo Ek", group__name="Sales")
    GroupMembership.objects.filter(pk=seat.pk).update(
        is_active=False, set_by="PERSON", changed_at=MOMENT
    )
    off = "switched off by {} on 3 Nov 2026."
    assert told("Bo E")["Bo Ek"] == [
        "Is active in Support.",
        f"Is inactive in Sales: {off.format('an administrator')}",
    ]
    after = {"group_id": seat.group_id, "target_id": seat.target_id, "is_active": False}
    audit.record(account=scoped, user=alice, kind="MEMBERSHIP_SWITCHED", after=after)
    who = off.format("Alice <alice@acme.example>")
    assert told("Bo E")["Bo Ek"][1] == f"Is inactive in Sales: {who}"


def test_switched_off_everywhere(sync, told):
    sync()
    Target.objects.filter(name="Bo Ek").update(is_active=False)
    off = "An administrator switched this person off everywhere."
    assert told("Bo E")["Bo Ek"] == [off, "Is active in Sales, Support."]


def test_seat_limit(sync, told, asked, remote, scoped):
    sync()
    scoped.seat_limit, scoped.seat_rule = 3, SeatRule.UP_TO_LIMIT
    scoped.save()
    remote.person("P8", "di@acme.example", "T1", name="Di Ax")
    sync()
    assert told("Di A") == {"Di Ax": ["Is not here: no seat was free: the account has 3."]}
    assert asked("Di A") == {"Di Ax": ["No seat was free: the account has 3."]}


def test_same_email_as_somebody(sync, told, asked, remote):
    remote.person("P8", "ann@acme.example", "T1", name="Di Ax")
    sync()
    used = "the e-mail address is already used by"
    assert told("Di A") == {"Di Ax": [f"Is not here: {used} P1."]}
    assert asked("Di A") == {"Di Ax": ["The e-mail address is already used by Ann Lee."]}


def test_inactive_at_the_source(sync, told, asked, remote):
    remote.person("P8", "di@acme.example", "T1", name="Di Ax")
    remote.people["P8"]["is_active"] = False
    sync()
    assert told("Di A") == {"Di Ax": ["Is not here: inactive at Litmos."]}
    assert asked("Di A") == {"Di Ax": ["Is inactive at Litmos."]}


def test_made_by_hand(sync, told, scoped):
    sync()
    Target.objects.create(
        account=scoped, name="Guest", email="g@x.example", email_key="g@x.example"
    )
    alone = "Is linked to nobody at Litmos, so no sync of it changes them."
    assert told("guest") == {"Guest": ["Is in no group.", alone]}


def test_nothing_is_known_before_the_first_sync(told, connection):
    assert last_reading(connection) is None
    assert told("ann") == {}


def test_queries_do_not_grow(sync, connection, remote, django_assert_max_num_queries):
    for number in range(12):
        remote.person(f"N{number}", f"n{number}@acme.example", "T1 T2", name=f"Nan {number}")
    sync()
    with django_assert_max_num_queries(9):
        assert len(answers("nan", connection, last_reading(connection))) == 10
