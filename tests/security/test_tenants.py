"""Accounts share nothing: what the queries, the forms and the messages on the queue refuse."""

import re
from io import StringIO

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django_scopes import ScopeError, scope, scopes_disabled

from accounts.models import Account, Membership
from groups.models import Group
from integrations import tasks
from integrations.models import Connection, SyncRun
from portal.management.commands.verify import relations_within_accounts
from targets.models import GroupMembership, Target
from tests.factories import GroupFactory, TargetFactory
from tests.meta.files import ROOT, tracked
from tests.security.snapshot import differences, snapshot
from tests.world import make_world
from training.models import Campaign, GroupLms

pytestmark = pytest.mark.django_db
ROOMS = ("accounts", "groups", "targets", "webhooks", "integrations", "training")
OURS = [model for room in ROOMS for model in apps.get_app_config(room).get_models()]
OF_AN_ACCOUNT = [model for model in OURS if any(f.name == "account" for f in model._meta.fields)]
#: Who somebody is, is asked before there is an account.
ABOVE_ACCOUNTS = {Membership}


@pytest.fixture
def theirs(globex):
    with scope(account=globex):
        return make_world(globex)


@pytest.mark.parametrize(
    "model", [m for m in OF_AN_ACCOUNT if m not in ABOVE_ACCOUNTS], ids=lambda m: m.__name__
)
def test_row_02_without_an_account_nothing_is_found(model):
    with pytest.raises(ScopeError):
        model.objects.all()


def test_row_02_no_code_goes_round_the_scope():
    """The vault's rotation is the operator's, and of all accounts."""
    found = [
        str(path.relative_to(ROOT))
        for room in (*ROOMS, "portal")
        for path in tracked(f"{room}/**/*.py", f"{room}/*.py")
        if re.search("_base_manager", path.read_text())
    ]
    assert found == ["integrations/management/commands/rotate_vault.py"]


def test_row_02_what_belongs_to_a_row_is_of_its_account(acme, theirs):
    with scope(account=acme):
        make_world(acme)
    said = StringIO()
    call_command("verify", stdout=said)
    assert said.getvalue().endswith("relations looked at: every row is of its account.\n")
    with scopes_disabled():
        GroupMembership.objects.filter(account=acme).update(group=theirs.group)
    said = StringIO()
    with pytest.raises(CommandError, match="^1 rows hang on rows of another account.$"):
        call_command("verify", stderr=said)
    assert said.getvalue().split() == [
        "1",
        "rows",
        "of",
        "targets.GroupMembership:",
        "group",
        "is",
        "another",
        "account's",
    ]


def test_row_02_every_relation_is_looked_at():
    found = {(model.__name__, name) for model, name in relations_within_accounts()}
    assert {
        ("GroupMembership", "target"),
        ("Change", "run"),
        ("SyncRun", "connection"),
        ("Enrollment", "campaign"),
        ("Delivery", "endpoint"),
    } <= found
    assert {model for model, _ in relations_within_accounts()} <= set(OF_AN_ACCOUNT)
    assert len(found) >= 37


def test_row_03_a_campaign_takes_no_group_or_course_of_others(as_alice, theirs):
    before = snapshot()
    form = {"name": "Ours", "groups": theirs.group.pk, "courses": theirs.course.pk}
    page = as_alice.post("/campaigns/new/", form).text
    assert page.count("Select a valid choice.") == 2
    assert "Sales" not in page
    assert differences(before) == {}


def test_row_03_actions_on_a_selection_leave_others_alone(as_alice, theirs):
    before = snapshot()
    posts = [
        ("/groups/bulk/", {"action": "LOCK", "group": theirs.group.pk}),
        ("/groups/lms/", {"group": theirs.group.pk, "lms": theirs.connection.pk}),
        ("/enrollments/bulk/", {"action": "withdraw", "enrollment": theirs.enrollment.pk}),
    ]
    for address, form in posts:
        answer = as_alice.post(address, form)
        assert answer.status_code < 500, address
    with scopes_disabled():
        assert not GroupLms.objects.exists()
    assert differences(before) == {}


def test_row_03_own_groups_take_no_lms_of_others(as_alice, acme, theirs):
    with scope(account=acme):
        group = GroupFactory(account=acme)
    as_alice.post("/groups/lms/", {"group": group.pk, "lms": theirs.connection.pk})
    with scopes_disabled():
        assert not GroupLms.objects.exists()


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("/targets/", "group"),
        ("/enrollments/", "campaign"),
        ("/enrollments/", "course"),
        ("/enrollments/", "group"),
    ],
)
def test_row_03_filters_know_own_things_alone(address, name, as_alice, theirs):
    things = {"group": theirs.group, "campaign": theirs.campaign, "course": theirs.course}
    page = as_alice.get(address, {name: things[name].pk})
    assert page.status_code == 200
    assert str(things[name]) not in page.text


@pytest.mark.parametrize("task", [tasks.step])
def test_row_04_a_message_of_no_run_does_nothing(task, theirs):
    before = snapshot()
    task(run_id=theirs.held.pk + 1000)
    task(run_id=theirs.held.pk, account_id=1, unknown=True)
    changed = differences(before)
    assert set(changed) <= {"integrations.Heartbeat"}


def test_row_06_what_a_form_does_not_have_is_ignored(as_alice, acme, alice, globex):
    form = {
        "name": "Acme",
        "time_zone": "UTC",
        "seat_rule": "STOP",
        "account_id": globex.pk,
        "id": globex.pk,
        "is_staff": "on",
        "is_superuser": "on",
        "role": "ADMINISTRATOR",
        "drift_mailed_at": "2020-01-01",
        "api_key_sealed": "x",
    }
    assert as_alice.post("/administration/account/", form).status_code == 302
    alice.refresh_from_db()
    assert (alice.is_staff, alice.is_superuser) == (False, False)
    assert Account.objects.get(pk=globex.pk).name == "Globex"
    assert Account.objects.get(pk=acme.pk).drift_mailed_at is None


def test_row_06_a_groups_switches_are_all_that_is_set(as_alice, acme, globex):
    with scope(account=acme):
        group = GroupFactory(account=acme)
    form = {"locked": "on", "account": globex.pk, "source": "litmos", "people": 99, "name": "x"}
    as_alice.post(f"/groups/{group.pk}/switches/", form)
    with scopes_disabled():
        group = Group.objects.get(pk=group.pk)
    assert (group.locked, group.account_id, group.source, group.people) == (True, acme.pk, "", 0)
    assert group.name != "x"


def test_row_28_no_page_has_the_sealed_key(as_alice, acme, things):
    with scopes_disabled():
        sealed = Connection.objects.get(account=acme).api_key_sealed
    for address in ("", "litmos/setup/", "litmos/runs/", "litmos/card/"):
        page = as_alice.get(f"/administration/integrations/{address}")
        assert page.status_code == 200
        assert sealed not in page.text


def test_things_of_both_accounts_may_have_one_name(acme, theirs):
    with scope(account=acme):
        make_world(acme)
        TargetFactory(account=acme)
        assert (Target.objects.count(), SyncRun.objects.count()) == (2, 2)
        assert Campaign.objects.get().account_id == acme.pk
