import pytest
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import ApiToken
from accounts.tokens import revoke_token
from targets.models import GroupMembership
from tests.factories import TargetFactory
from tests.training.answers import ADDRESS, counts, problem, stored
from training.models import Action, Campaign, Enrollment, Step, TimelineEntry

pytestmark = pytest.mark.django_db
KINDS = "Sent, Opened, Clicked, Submitted data, Opened attachment, Replied, Reported"


def test_good_rows_go_in_and_bad_ones_are_told_by_index(send, row):
    answer = send([row(), row(kind="danced"), row(email="stranger@x.example"), 7])
    errors = [
        {"index": 1, "field": "kind", "detail": f"“danced” is no action. Known are {KINDS}."},
        {"index": 3, "field": "", "detail": "The action is not an object."},
    ]
    assert answer.status_code == 200
    assert answer.json() == counts(4, errors, new=2, strangers=1, enrolled=1)
    assert stored() == (2, 1)
    assert set(Action.objects.values_list("door", flat=True)) == {"API"}


@pytest.mark.parametrize(
    ("sent", "kind"),
    [
        ("SENT", "SENT"),
        ("opened", "OPENED"),
        ("Clicked", "CLICKED"),
        ("submitted data", "SUBMITTED"),
        ("submitted", "SUBMITTED"),
        ("opened_attachment", "ATTACHMENT"),
        ("replied", "REPLIED"),
        ("REPORTED", "REPORTED"),
    ],
)
def test_what_each_kind_may_be_called(send, row, sent, kind):
    send([row(kind=sent)])
    assert Action.objects.get().kind == kind


def test_the_same_again_changes_nothing(send, row):
    same = row()
    send([same])
    assert send([same]).json() == counts(1, known=1)
    assert stored() == (1, 1)


def test_a_bots_click_enrols_nobody_and_later_withdraws(send, row):
    assert send([row(is_bot=True)]).json() == counts(1, new=1)
    assert send([row(id="e1")]).json() == counts(1, new=1, enrolled=1)
    assert send([row(id="e1", is_bot=True)]).json() == counts(1, known=1, withdrawn=1)
    assert Enrollment.objects.get().state == "WITHDRAWN"


def test_a_bots_click_told_before_the_same_one_without_is_a_bots(send, row):
    send([row(id="e1", is_bot=True), row(id="e1")])
    assert stored() == (1, 0)


def test_a_row_may_name_its_campaign(send, row, campaign):
    other = Campaign.objects.create(account=campaign.account, name="Winter")
    answer = send([row(campaign=other.pk), row()])
    assert answer.json() == counts(2, new=2, enrolled=1)
    named = Action.objects.order_by("pk").values_list("campaign__name", flat=True)
    assert sorted(named) == ["Autumn", "Winter"]
    rows = [row(campaign=campaign.pk), row()]
    assert send(rows, campaign=None).json()["errors"] == [
        {"index": 1, "field": "campaign", "detail": "The campaign is missing."}
    ]


def test_the_campaign_of_another_account_is_none(send, row, globex):
    theirs = Campaign.objects.create(account=globex, name="Theirs")
    told = f"There is no campaign {theirs.pk}."
    assert problem(send([row()], campaign=theirs.pk)) == (404, "unknown_campaign", told)
    assert send([row(campaign=theirs.pk), row()]).json()["errors"] == [
        {"index": 0, "field": "campaign", "detail": told}
    ]
    assert Action.objects.filter(campaign=theirs.pk).count() == 0


def test_without_a_token_nothing_is_taken(send, row):
    answer = Client().post(ADDRESS, "{}", content_type="application/json")
    assert problem(answer)[:2] == (401, "no_token")
    assert answer["WWW-Authenticate"] == "Bearer"
    answer = send([row()], bearer="ptl_guessed\u00e9")
    assert problem(answer) == (401, "invalid_token", "This token is not known.")
    assert answer["WWW-Authenticate"] == 'Bearer error="invalid_token"'
    assert stored() == (0, 0)


def test_a_revoked_token_is_told_so(send, row):
    revoke_token(token=ApiToken.objects.get())
    assert problem(send([row()])) == (401, "invalid_token", "This token was revoked.")
    assert stored() == (0, 0)


def test_a_token_without_the_scope_is_refused(send, row):
    ApiToken.objects.update(scopes=[])
    answer = send([row()])
    assert problem(answer)[:2] == (403, "insufficient_scope")
    assert "ACTIONS_WRITE" in answer["WWW-Authenticate"]
    assert stored() == (0, 0)


def test_a_session_is_no_token(as_alice, campaign):
    sent = {"campaign": campaign.pk, "actions": []}
    assert as_alice.post(ADDRESS, sent, content_type="application/json").status_code == 401


@pytest.fixture
def crowd(group, campaign):
    """A hundred people of the group, who were in it when the campaign started."""
    people = TargetFactory.create_batch(100, account=group.account)
    GroupMembership.objects.bulk_create(
        [GroupMembership(account=group.account, group=group, target=one) for one in people]
    )
    campaign.started_at = timezone.now()
    campaign.save()
    return people


@pytest.mark.parametrize("is_possible", [True, False])
def test_the_queries_of_a_batch_do_not_grow_with_its_rows(
    send, row, crowd, connection, is_possible
):
    if not is_possible:
        connection.is_active = False
        connection.save()
    send([row(kind="sent")])
    counted = []
    for people in (crowd[:2], crowd[2:90]):
        with CaptureQueriesContext(database) as queries:
            answer = send([row(one.email) for one in people])
        assert answer.json()["enrolled"] == len(people)
        counted.append(len(queries))
    many = 25 if database.vendor == "postgresql" else 27
    assert counted[1] <= many, [query["sql"][:90] for query in queries]


def test_the_timeline_is_in_order_for_everyone_of_a_batch(send, row, crowd):
    send([row(one.email) for one in crowd])
    told = {}
    for pk, step in TimelineEntry.objects.order_by("pk").values_list("enrollment", "step"):
        told.setdefault(pk, []).append(step)
    assert list(told.values()) == [[Step.ACTED, Step.NO_BOT, Step.WAITING]] * 100


def test_an_address_is_kept_as_the_one_it_means(send, row, ann):
    sent = ("ANN@ACME.EXAMPLE", "ann@acme.example", "New@X.EXAMPLE", "x@y z")
    rows = [row(email, happened_at="2026-11-23T10:00Z") for email in sent]
    assert send(rows).json() == counts(4, new=3, known=1, strangers=2, enrolled=1)
    kept = Action.objects.order_by("email").values_list("email", "target")
    assert sorted(kept, key=str) == [
        ("New@x.example", None),
        ("ann@acme.example", ann.pk),
        ("x@y z", None),
    ]
