"""When a night reads everything: whatever does not fit, and whenever it has to."""

from datetime import timedelta

import pytest
from django.utils import timezone

from integrations.contract.errors import Credentials, Fatal, Missing, Retryable
from integrations.models import Connection, Mirror, StagedPerson
from tests.integrations.sync.nights import mirror, notes, reading
from tests.integrations.sync.states import log, memberships, people

pytestmark = pytest.mark.django_db


def delete_one(crowd):
    del crowd.people["P9"]


def nothing(crowd):
    pass


def fails(*errors):
    def prepare(crowd):
        crowd.faults = [None, None, *errors]

    return prepare


def nameless(crowd):
    def listed(rows):
        raise Fatal("unreadable")

    crowd.listed = listed


REFUSALS = [
    (delete_one, "COUNT"),
    (fails(Missing("no_changes")), "no_changes"),
    (fails(Credentials("not_permitted")), "not_permitted"),
    (fails(Fatal("unexpected", "HTTP 406")), "unexpected"),
    (fails(*[Retryable("bad_format")] * 2), "bad_format"),
    (fails(*[Retryable("litmos_unavailable")] * 2), "litmos_unavailable"),
    (nameless, "unreadable"),
]


@pytest.mark.parametrize("stops", [True])
@pytest.mark.parametrize(("prepare", "why"), REFUSALS)
def test_whatever_does_not_fit_leads_to_reading_everything(sync, night, crowd, prepare, why):
    sync()
    crowd.people["P1"]["name"] = "Ann Lee-Moss"
    prepare(crowd)
    run = night()
    assert (run.reading["way"], run.reading["why"]) == ("ALL", why)
    assert ("CHANGES_REFUSED", {"value": "", "why": why}) in notes(run)
    assert people()["ann@acme.example"] == "Ann Lee-Moss"
    assert memberships()["Sales"].get("p9@acme.example") is (why != "COUNT")
    assert mirror().run_id == run.pk
    crowd.listed = list
    assert log(sync()) == []


def test_a_throttle_is_not_the_fault_of_the_list(sync, night, crowd):
    sync()
    fails(*[Retryable("throttled", delay_seconds=60)] * 3)(crowd)
    assert reading(night()) == ("SYNCED", "CHANGES", "")


def test_one_failure_is_only_waited_for(sync, night, crowd):
    sync()
    fails(Retryable("litmos_unavailable"))(crowd)
    assert reading(night()) == ("SYNCED", "CHANGES", "")


def test_a_key_that_is_refused_ends_the_night(sync, night, crowd):
    sync()
    fails(Credentials("key_refused"))(crowd)
    run = night()
    assert (run.status, run.error_code) == ("FAILED", "key_refused")
    assert mirror().run_id != run.pk


def test_silence_makes_nobody_inactive(sync, night, crowd):
    """Neither a list of changes that is empty nor one that was never asked for."""
    sync()
    before = memberships()
    crowd.listed = lambda rows: []
    crowd.members["T1"].clear()
    assert reading(night()) == ("SYNCED", "CHANGES", "")
    assert memberships() == before


def test_who_is_not_there_when_asked_for_is_gone(sync, night, crowd):
    """A link row of somebody whom no list knows leads to a question, and 404 is an answer."""
    sync()
    crowd.people["P4"]["is_active"] = False
    night()
    crowd.people["P4"]["is_active"] = True
    crowd.look()
    del crowd.people["P4"]
    crowd.person("N1", "new@acme.example", "T1")
    listed = crowd.changed["P4"]
    crowd.listed = lambda rows: rows
    crowd.changed["P4"] = listed
    run = night()
    assert run.status in ("SYNCED", "WARNINGS")
    assert memberships()["Sales"]["p4@acme.example"] is False
    assert memberships()["Sales"]["new@acme.example"] is True


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({"complete_at": timedelta(days=7)}, "WEEKLY"),
        ({"read_at": timedelta(days=6, hours=1)}, "GAP"),
        ({"read_at": timedelta(hours=-2)}, "CLOCK"),
        ({"source": "another"}, "OTHER_SITE"),
    ],
)
def test_some_nights_read_everything(sync, night, values, why):
    sync()
    now = timezone.now()
    values = {name: v if isinstance(v, str) else now - v for name, v in values.items()}
    Mirror.objects.update(**values)
    assert reading(night()) == ("SYNCED", "ALL", why)
    assert mirror().complete_at > now


def test_other_field_rules_read_everything(sync, night, connection):
    sync()
    connection.field_rules = {"city": "LEAVE_OUT"}
    connection.save()
    assert reading(night()) == ("SYNCED", "ALL", "OTHER_FIELDS")
    assert reading(night()) == ("SYNCED", "CHANGES", "")


def test_a_long_time_is_asked_for_in_weeks(sync, night, crowd):
    sync()
    crowd.people["P1"]["name"] = "Ann Lee-Moss"
    Mirror.objects.update(read_at=timezone.now() - timedelta(days=5, hours=23))
    assert reading(night()) == ("SYNCED", "CHANGES", "")
    assert people()["ann@acme.example"] == "Ann Lee-Moss"


def test_turned_off_it_keeps_nothing(sync, settings):
    settings.CHANGES = "off"
    sync()
    assert reading(sync("AUTO")) == ("SYNCED", "ALL", "OFF")
    assert (Mirror.objects.count(), StagedPerson.objects.count()) == (0, 0)


def test_by_hand_everything_is_read(sync, night):
    sync()
    night()
    assert reading(sync()) == ("SYNCED", "ALL", "")


def test_another_key_forgets_how_often_it_agreed(sync, night):
    sync()
    Mirror.objects.update(agreed=3)
    Connection.objects.update(api_key_fingerprint="another key")
    run = sync("AUTO")
    assert (reading(run)[2], mirror().agreed) == ("OTHER_SITE", 0)
