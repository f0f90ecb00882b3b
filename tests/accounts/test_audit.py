"""The audit log: who did what, from where, old → new; and nothing ever changes it."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.urls import reverse
from django.utils.timezone import now
from django_scopes import scope, scopes_disabled

from accounts import audit
from accounts.models import AppendOnly, AuditEvent, User
from accounts.services import create_account
from accounts.wording import EVENTS
from integrations.models import Kind
from integrations.services import save_connection
from integrations.services.connections import ConnectionSettings
from integrations.services.keys import put_key
from tests.factories import ConnectionFactory, GroupFactory, GroupMembershipFactory, TargetFactory

ROOT = Path(__file__).resolve().parents[2]
AUDIT = "/administration/audit/"
ALICE = "Alice <alice@acme.example>"


def events(account, *, log_ins: bool = False) -> list[tuple]:
    with scope(account=account):
        rows = AuditEvent.objects.order_by("pk")
        rows = rows if log_ins else rows.exclude(kind="LOGGED_IN")
        return list(rows.values_list("kind", "actor", "subject", "before", "after"))


def test_account_settings(as_alice, acme):
    form = {"name": "Acme", "time_zone": "Europe/Oslo", "seat_limit": "", "seat_rule": "STOP"}
    as_alice.post("/administration/account/", form)
    as_alice.post("/administration/account/", form)
    before, after = {"time_zone": "UTC"}, {"time_zone": "Europe/Oslo"}
    found = [event for event in events(acme) if event[0] == "ACCOUNT_SAVED"]
    assert [(e[1], e[2], e[3]["time_zone"], e[4]["time_zone"]) for e in found] == [
        (ALICE, "Acme", before["time_zone"], after["time_zone"])
    ]


def test_groups(as_alice, acme):
    group = GroupFactory(account=acme, name="Sales", source="litmos", auto_sync=True)
    chosen = {"action": "AUTO_SYNC_OFF", "group": [group.pk]}
    for _ in range(2):
        as_alice.post(reverse("groups:bulk"), chosen)
    as_alice.post("/groups/new/", {"name": "Board"})
    made = {"number": 1, "groups": ["Sales"]}
    assert events(acme) == [
        ("GROUPS_CHANGED", ALICE, "Turn Auto-Sync off", {}, made),
        ("GROUP_CREATED", ALICE, "Board", {}, {}),
    ]


def test_people(as_alice, acme):
    target = TargetFactory(account=acme, name="Ann")
    as_alice.post(f"/targets/{target.pk}/switch/", {"is_active": "off"})
    assert events(acme)[-1] == (
        "TARGET_SWITCHED",
        ALICE,
        "Ann",
        {"is_active": True},
        {"is_active": False},
    )


def test_memberships(as_alice, acme):
    group = GroupFactory(account=acme, name="Sales")
    seats = [GroupMembershipFactory(account=acme, group=group) for _ in range(2)]
    ticked = {"action": "deactivate", "member": [seat.pk for seat in seats]}
    for _ in range(2):
        as_alice.post(f"/targets/of-group/{group.pk}/", ticked)
    assert events(acme) == [
        (
            "MEMBERSHIP_SWITCHED",
            ALICE,
            f"{seat.target} in Sales",
            {},
            {"group_id": group.pk, "target_id": seat.target_id, "is_active": False},
        )
        for seat in seats
    ]


def test_log_ins(client, acme, alice):
    alice.set_password("right horse battery")
    alice.save()
    for password in ("wrong horse battery", "right horse battery"):
        client.post("/login/", {"login": "alice@acme.example", "password": password})
    client.post("/login/", {"login": "stranger@x.example", "password": "wrong horse battery"})
    assert [(event[0], event[1]) for event in events(acme, log_ins=True)] == [
        ("LOG_IN_FAILED", ALICE),
        ("LOGGED_IN", ALICE),
    ]


def test_where_it_came_from(as_alice, acme):
    answer = as_alice.post(
        "/groups/new/",
        {"name": "Board"},
        REMOTE_ADDR="192.0.2.7",
        headers={"X-Request-ID": "req-1"},
    )
    with scope(account=acme):
        event = AuditEvent.objects.get(kind="GROUP_CREATED")
    assert (event.address, event.request_id, answer["X-Request-ID"]) == (
        "192.0.2.7",
        "req-1",
        "req-1",
    )


@pytest.mark.parametrize("sent", ["", "a b", "x" * 65, "é", "<script>"])
def test_an_odd_request_id_is_not_taken(as_alice, sent):
    told = as_alice.get("/", headers={"X-Request-ID": sent})["X-Request-ID"]
    assert told != sent
    assert len(told) == 32


def test_a_command_is_the_operators(db):
    made = create_account(name="New", admin_email="n@new.example", password="long enough pass")
    assert events(made.account) == [
        ("ACCOUNT_CREATED", audit.OPERATOR, "New", {}, {"administrator": "n@new.example"})
    ]


def test_nothing_changes_an_event(acme):
    with scope(account=acme):
        audit.record(account=acme, kind="EXPORTED", subject="x")
        event = AuditEvent.objects.get()
        event.subject = "y"
        for change in (
            event.save,
            event.delete,
            AuditEvent.objects.all().delete,
            lambda: AuditEvent.objects.update(subject="y"),
        ):
            with pytest.raises(AppendOnly):
                change()
        assert AuditEvent.objects.get().subject == "x"


def test_what_is_two_years_old_goes(acme):
    with scope(account=acme):
        for days in (729, 731):
            audit.record(account=acme, kind="EXPORTED", subject=f"{days}")
    with scopes_disabled():
        for event in list(AuditEvent.objects.all()):
            moment = now() - timedelta(days=int(event.subject))
            AuditEvent._base_manager.filter(pk=event.pk).update(at=moment)
        audit.forget_old(now())
        assert [event.subject for event in AuditEvent.objects.all()] == ["729"]


def test_an_event_stays_when_its_user_goes(acme, alice):
    audit.record(account=acme, user=alice, kind="EXPORTED")
    User.objects.get(pk=alice.pk).delete()
    assert events(acme)[0][1] == ALICE


def test_who_may_see_it(client, as_bob, as_charlie, as_alice, acme):
    audit.record(account=acme, kind="EXPORTED", subject="secret-list.csv")
    for address in (AUDIT, f"{AUDIT}audit.csv"):
        assert client.get(address)["Location"] == f"/login/?next={address}"
        assert as_bob.get(address).status_code == 403
        assert as_alice.post(address).status_code == 405
    assert "secret-list.csv" in as_alice.get(AUDIT).text
    assert "secret-list.csv" not in as_charlie.get(AUDIT).text


def test_old_and_new_in_words(as_alice, acme):
    audit.record(
        account=acme,
        kind="GROUP_SAVED",
        subject="<b>Sales</b>",
        before={"auto_sync": True},
        after={"auto_sync": False},
    )
    page = as_alice.get(AUDIT).text
    assert "Changed a group: &lt;b&gt;Sales&lt;/b&gt;" in page
    assert "auto sync:</span> yes → no" in page


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", {"one", "two"}),
        ("?kind=EXPORTED", {"one"}),
        ("?q=TW", {"two"}),
        ("?q=operator", {"one", "two"}),
        ("?since=2030-01-01", set()),
        ("?until=2030-01-01", {"one", "two"}),
        ("?since=nonsense&kind=NOPE", {"one", "two"}),
    ],
)
def test_filters(as_alice, acme, query, found):
    audit.record(account=acme, kind="EXPORTED", subject="one")
    audit.record(account=acme, kind="GROUP_CREATED", subject="two")
    answer = as_alice.get(f"{AUDIT}{query}")
    assert {line.event.subject for line in answer.context["lines"]} - {""} == found
    assert ("No event matches" in answer.text) == (not found)


def test_csv(as_alice, acme):
    audit.record(account=acme, kind="GROUP_CREATED", subject="=HYPERLINK(1)")
    answer = as_alice.get(f"{AUDIT}audit.csv?kind=GROUP_CREATED")
    rows = b"".join(answer.streaming_content).decode().splitlines()
    assert len(rows) == 2
    assert '"\'=HYPERLINK(1)"' in rows[1]
    assert events(acme)[-1][:3] == ("EXPORTED", ALICE, "audit.csv")


def test_before_anything_was_done(as_alice):
    with scopes_disabled():
        AuditEvent.objects.all().forget()
    assert "Nothing was done yet" in as_alice.get(AUDIT).text


def test_queries_do_not_grow(as_alice, acme, django_assert_max_num_queries):
    with scope(account=acme):
        for number in range(60):
            audit.record(account=acme, kind="EXPORTED", subject=str(number))
    with django_assert_max_num_queries(8):
        assert len(as_alice.get(AUDIT).context["lines"]) == 50


def test_every_kind_that_is_recorded_has_words():
    used = set()
    for room in ("accounts", "groups", "targets", "integrations"):
        for file in (ROOT / room).rglob("*.py"):
            used |= set(re.findall(r'kind="([A-Z_]{5,})"', file.read_text()))
    assert used - set(Kind.values) <= set(EVENTS)
    assert len(used & set(EVENTS)) > 10


def test_settings_of_an_integration(acme, alice):
    chosen = ConnectionSettings(region="us", is_active=False, sync_content="COURSES")
    with scope(account=acme):
        connection = ConnectionFactory.build(
            account=acme, provider="litmos", region="us", is_active=True
        )
        put_key(connection, "a-key-that-ends-in-9876")
        connection.save()
        save_connection(account=acme, user=alice, provider="litmos", chosen=chosen, probe=None)
        event = AuditEvent.objects.get(kind="INTEGRATION_SAVED")
    assert (event.subject, event.actor) == ("litmos", ALICE)
    assert event.before == {"active": True, "sync_content_option": "Courses & Users"}
    assert event.after == {"active": False, "sync_content_option": "Courses Only"}
    assert "9876" not in str(event.before) + str(event.after)


def test_the_log_of_one_user(as_alice, acme, alice, bob):
    for user in (alice, bob):
        audit.record(account=acme, user=user, kind="EXPORTED", subject=f"of {user}")
    page = as_alice.get(f"{AUDIT}?user={bob.pk}").context["page"]
    assert [event.subject for event in page] == ["of Bob"]


def test_other_accounts_users_are_not_offered(as_alice, acme, bob, charlie):
    form = as_alice.get(AUDIT).context["form"]
    assert [user.email for user in form.fields["user"].queryset] == [
        "alice@acme.example",
        "bob@acme.example",
    ]
    filtered = as_alice.get(f"{AUDIT}?user={charlie.pk}").context["page"]
    assert len(filtered) == len(as_alice.get(AUDIT).context["page"])


def test_days_are_those_of_the_accounts_clocks(as_alice, acme):
    acme.time_zone = "Asia/Tokyo"
    acme.save()
    evening = datetime(2026, 3, 1, 16, tzinfo=UTC)  # The 2nd of March in Tokyo.
    made = AuditEvent(account=acme, actor="somebody", kind="EXPORTED", subject="late", at=evening)
    with scope(account=acme):
        made.save()
    for query, number in (("since=2026-03-02&until=2026-03-02", 1), ("until=2026-03-01", 0)):
        assert len(as_alice.get(f"{AUDIT}?{query}").context["page"]) == number
    assert '"2026-03-02T01:00:00+09:00"' in as_alice.get(f"{AUDIT}audit.csv").getvalue().decode()
