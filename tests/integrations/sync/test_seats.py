import pytest

from accounts.models import SeatRule
from targets.models import Target
from tests.integrations.sync.states import log, people

pytestmark = pytest.mark.django_db


@pytest.fixture
def two_seats(scoped):
    def limit(rule: str) -> None:
        scoped.seat_limit, scoped.seat_rule = 2, rule
        scoped.save()

    return limit


def skipped(run) -> list[str]:
    return [row[2] for row in log(run) if row[3] == "SEAT_LIMIT"]


def test_stop_brings_in_nobody_when_not_all_fit(sync, two_seats):
    two_seats(SeatRule.STOP)
    run = sync()

    assert (run.status, people()) == ("WARNINGS", {})
    assert skipped(run) == ["Ann Lee", "Bo Ek", "Cy Fu"]


def test_up_to_the_limit_says_who_was_left_out(sync, two_seats):
    two_seats(SeatRule.UP_TO_LIMIT)
    run = sync()

    assert (run.status, sorted(people())) == ("WARNINGS", ["ann@acme.example", "bo@acme.example"])
    assert skipped(run) == ["Cy Fu"]


def test_import_all_goes_over_the_limit_and_says_so(sync, two_seats):
    two_seats(SeatRule.IMPORT_ALL)
    run = sync()

    assert (run.status, len(people())) == ("WARNINGS", 3)
    assert ("NOTE", "WARN", "This sync", "OVER_SEATS", "SKIPPED") in log(run)


def test_enough_seats_say_nothing(sync, scoped, remote):
    scoped.seat_limit, scoped.seat_rule = 3, SeatRule.STOP
    scoped.save()
    assert sync().status == "SYNCED"
    assert sync().status == "SYNCED"
    remote.people["P1"]["city"] = "Ulm"
    assert sync().status == "SYNCED"
    assert Target.objects.get(email="ann@acme.example").city == "Ulm"


def test_switched_off_people_take_no_seat(sync, two_seats, remote):
    two_seats(SeatRule.UP_TO_LIMIT)
    sync()
    Target.objects.filter(email="ann@acme.example").update(is_active=False)

    assert skipped(sync()) == []
    assert len(people()) == 3
