"""The page of held changes: who may see it, what it says, and what it refuses."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import AuditEvent
from groups.models import Group
from integrations.models import Change, Decision, GroupLink, SentMail, Status, TargetLink
from integrations.services import digest_of
from targets.models import GroupMembership, Target
from tests.factories import PASSWORD, SyncRunFactory
from tests.integrations.views.conftest import STORE, text

pytestmark = pytest.mark.usefixtures("in_acme")
HASH = "a" * 64


@pytest.fixture
def run(connection):
    return SyncRunFactory(
        connection=connection,
        status=Status.HELD,
        plan_hash=HASH,
        counts={
            "PERSON.DEACTIVATE.HELD": 3,
            "HOLD.removals": 3,
            "FIGURE.leaving": 1240,
            "FIGURE.active": 3100,
        },
    )


@pytest.fixture
def people(connection, run):
    group = Group.objects.create(account=run.account, name="Sales", source="paper")
    GroupLink.objects.create(
        account=run.account,
        connection=connection,
        group=group,
        integration_id="T1",
        remote_name="Sales",
    )
    return [_held(run, group, number) for number in range(3)]


def _held(run, group, number) -> Change:
    email = f"p{number}@acme.example"
    target = Target.objects.create(
        account=run.account, email=email, email_key=email, name=f"Person {number}"
    )
    GroupMembership.objects.create(account=run.account, group=group, target=target)
    TargetLink.objects.create(
        account=run.account, connection=run.connection, target=target, integration_id=f"P{number}"
    )
    return Change.objects.create(
        account=run.account,
        run=run,
        kind="PERSON",
        action="DEACTIVATE",
        outcome="HELD",
        reason="GONE",
        hold_reason="removals",
        integration_id=f"P{number}",
        label=target.name,
        detail=email,
        target_id=target.pk,
        team_ids=["T1"],
    )


def address(run):
    return f"{STORE}paper/runs/{run.pk}/held/"


@pytest.fixture
def confirmed(as_alice):
    """Alice has given her password a moment ago."""
    answer = as_alice.post("/accounts/reauthenticate/", {"password": PASSWORD})
    assert answer.status_code == 302
    return as_alice


def decide(client, run, verdict, rows=(), **given):
    form = {"decision": verdict, "plan_hash": HASH, "reason": "As agreed.", **given}
    return client.post(address(run), {**form, "row": [row.pk for row in rows]})


def digest(rows) -> str:
    return digest_of(row.pk for row in rows)


def active() -> list[str]:
    on = GroupMembership.objects.filter(is_active=True).order_by("target__name")
    return list(on.values_list("target__name", flat=True))


@pytest.mark.parametrize("end", ["held", "apply", "undo"])
def test_who_may_decide(client, as_bob, as_charlie, run, end):
    where = f"{STORE}paper/runs/{run.pk}/{end}/"
    assert as_bob.post(where).status_code == 403
    assert as_charlie.post(where).status_code == 404
    assert client.post(where)["Location"].startswith("/login/")


def test_list_tells_who_why_and_of_how_many(as_alice, run, people):
    said = text(as_alice.get(address(run)))
    assert "1,240 of 3,100 people, 40 % (unusually many people at once)" in said
    assert "Person 1 p1@acme.example Inactive person Sales No longer at Paper LMS." in said
    assert "3 shown, 3 that match" in said


def test_password_is_asked_for_and_then_it_goes_on(as_alice, run, people):
    asked = decide(as_alice, run, "approve", people[:1])
    assert asked["Location"].startswith("/accounts/reauthenticate/")
    assert not Decision.objects.exists()

    as_alice.post(asked["Location"], {"password": PASSWORD})

    assert active() == ["Person 1", "Person 2"]


def test_some_are_approved(confirmed, run, people):
    answer = decide(confirmed, run, "approve", people[:2])

    assert answer["Location"] == address(run)
    assert active() == ["Person 2"]
    said = text(confirmed.get(f"{STORE}paper/runs/{run.pk}/"))
    assert "Approved by Alice: As agreed." in said
    assert "Changes held" in said
    event = AuditEvent.objects.get(kind="CHANGES_APPROVED")
    assert (event.reason, event.after) == (
        "As agreed.",
        {"changes": 2, "plan": "a" * 12},
    )


def test_all_that_match_are_kept_and_the_mail_says_so(confirmed, run, people):
    run.account.account_manager_email = "boss@acme.example"
    run.account.save()

    answer = decide(confirmed, run, "keep", all="1", q="person", seen=digest(people))

    assert answer["Location"] == f"{STORE}paper/runs/{run.pk}/"
    assert active() == ["Person 0", "Person 1", "Person 2"]
    assert GroupMembership.objects.filter(is_kept=True).count() == 3
    mail = SentMail.objects.get()
    assert mail.subject == "Paper: 3 held changes kept as they were – Acme"
    assert "Reason: As agreed." in mail.text
    run.refresh_from_db()
    assert run.status == Status.SYNCED


def test_all_that_match_a_filter_are_only_those(confirmed, run, people):
    seen = confirmed.get(f"{address(run)}?q=Person+1").context["seen"]
    assert seen == digest(people[1:2])
    for _ in range(2):
        decide(confirmed, run, "approve", all="1", q="Person 1", seen=seen)
    assert active() == ["Person 0", "Person 2"]
    assert Decision.objects.count() == 1


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (
            {"hold_reason": "team_removals"},
            "Nothing was changed: what “Held because of” asks for is no longer there.",
        ),
        ({"group": "999999"}, "Nothing was changed: what “Group” asks for is no longer there."),
        ({"seen": ""}, "Other changes are held now than when you looked."),
        ({"q": "Person 1"}, "Other changes are held now than when you looked."),
    ],
)
@pytest.mark.parametrize("verdict", ["approve", "keep"])
def test_all_are_those_that_were_seen(confirmed, run, people, verdict, given, said):
    sent = {"all": "1", "seen": digest(people)} | given
    answer = confirmed.get(decide(confirmed, run, verdict, **sent)["Location"])
    assert said in text(answer)
    assert not Decision.objects.exists()


def test_ticked_rows_of_which_one_was_decided_meanwhile_stay(confirmed, run, people):
    decide(confirmed, run, "keep", people[:1])
    answer = confirmed.get(decide(confirmed, run, "approve", people)["Location"])
    assert "Other changes are held now than when you looked." in text(answer)
    assert active() == ["Person 0", "Person 1", "Person 2"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?q=p2@", 1),
        ("?kind=MEMBERSHIP", 0),
        ("?hold_reason=removals", 3),
        ("?group=999999", 3),
        ("?after=99999999999999999999", 3),
        ("?q=%27%20OR%201=1", 0),
    ],
)
def test_filters(as_alice, run, people, query, found):
    assert len(as_alice.get(address(run) + query).context["lines"]) == found


def test_filter_by_group_finds_who_would_leave_it(as_alice, run, people):
    group = Group.objects.get()
    other = Group.objects.create(account=run.account, name="Other", source="paper")
    GroupLink.objects.create(
        account=run.account,
        connection=run.connection,
        group=other,
        integration_id="T9",
        remote_name="Other",
    )
    assert len(as_alice.get(f"{address(run)}?group={group.pk}").context["lines"]) == 3
    assert len(as_alice.get(f"{address(run)}?group={other.pk}").context["lines"]) == 0


def test_a_reason_is_wanted_and_the_ticks_are_kept(confirmed, run, people):
    answer = decide(confirmed, run, "approve", people[:1], reason=" ")
    html = answer.content.decode()
    assert "Say in a few words why." in text(answer)
    assert html.count(" checked") == 1
    assert len(active()) == 3


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"plan_hash": "b" * 64}, "The plan has changed since you looked at it."),
        ({"decision": "approve"}, "Tick at least one change first."),
    ],
)
def test_refusals_are_sentences(confirmed, run, people, given, said):
    rows = people if "plan_hash" in given else ()
    answer = confirmed.get(decide(confirmed, run, "approve", rows, **given)["Location"])
    assert said in text(answer)
    assert len(active()) == 3


def test_hold_that_has_ended_says_so(as_alice, connection, run, people):
    run.finished_at = timezone.now() - timedelta(days=8)
    run.save()
    assert "These changes were held for 7 days." in text(as_alice.get(address(run)))
    run.finished_at = timezone.now()
    run.save()
    SyncRunFactory(connection=connection)
    assert "A newer sync has replaced this plan." in text(as_alice.get(address(run)))


def test_queries_don_t_grow_with_the_rows(as_alice, run, people, django_assert_max_num_queries):
    Change.objects.bulk_create(
        Change(
            account=run.account,
            run=run,
            kind="PERSON",
            action="DEACTIVATE",
            outcome="HELD",
            reason="GONE",
            hold_reason="removals",
            label=f"More {number}",
            team_ids=["T1"],
        )
        for number in range(150)
    )
    with django_assert_max_num_queries(12):
        answer = as_alice.get(address(run))
    assert len(answer.context["lines"]) == 100
    following = answer.context["found"].following
    rest = as_alice.get(f"{address(run)}?after={following}").context["lines"]
    assert len(rest) == 53
