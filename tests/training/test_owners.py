"""An address changes hands between the e-mail of a campaign and the click."""

from datetime import timedelta

import pytest
from django.utils import timezone

from tests.factories import GroupMembershipFactory, TargetFactory
from training.models import Action, Enrollment

pytestmark = pytest.mark.django_db
NOW = timezone.now()


@pytest.fixture
def readdress(ann):
    def readdress(target, email):
        target.email, target.email_key = email, email.casefold()
        target.save()

    return readdress


@pytest.fixture
def bo(campaign, group):
    """In the group since before the campaign began."""
    made = TargetFactory(account=group.account, email="bo@acme.example")
    GroupMembershipFactory(group=group, target=made, created_at=campaign.started_at)
    return made


def sent_then_clicked(act):
    act(kind="SENT", happened_at=NOW - timedelta(hours=2))
    return lambda: act(email="ANN@acme.example", happened_at=NOW)


def owners():
    return list(Action.objects.order_by("happened_at").values_list("kind", "target"))


def test_a_click_under_the_former_address_is_the_persons(act, ann, readdress):
    click = sent_then_clicked(act)
    readdress(ann, "ann.new@acme.example")
    taken = click()
    assert (taken.strangers, taken.enrolled) == (0, 1)
    assert Enrollment.objects.get().target == ann


def test_it_is_not_of_who_has_the_address_now(act, ann, bo, readdress):
    click = sent_then_clicked(act)
    readdress(ann, "ann.new@acme.example")
    readdress(bo, "ann@acme.example")
    click()
    assert owners() == [("SENT", ann.pk), ("CLICKED", ann.pk)]
    assert Enrollment.objects.get().target == ann


def test_what_is_sent_later_is_the_new_owners(act, ann, bo, readdress):
    click = sent_then_clicked(act)
    readdress(ann, "ann.new@acme.example")
    readdress(bo, "ann@acme.example")
    act(kind="SENT", happened_at=NOW - timedelta(hours=1))
    click()
    act(kind="OPENED", happened_at=NOW - timedelta(minutes=90))
    assert owners() == [
        ("SENT", ann.pk),
        ("OPENED", ann.pk),
        ("SENT", bo.pk),
        ("CLICKED", bo.pk),
    ]


def test_two_who_trade_addresses_keep_what_is_theirs(act, ann, bo, readdress):
    for email in (ann.email, bo.email):
        act(kind="SENT", email=email, happened_at=NOW - timedelta(hours=2))
    readdress(ann, "in-between@acme.example")
    readdress(bo, "ann@acme.example")
    readdress(ann, "bo@acme.example")
    act(email="ann@acme.example", happened_at=NOW)
    assert Enrollment.objects.get().target == ann
