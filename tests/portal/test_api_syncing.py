"""Syncs by the API: started, previewed, cancelled, decided, in the name of whoever made the token."""

import pytest
from django_scopes import scope, scopes_disabled

from accounts.models import AuditEvent, Scope
from accounts.tokens import make_token
from integrations import tasks
from integrations.models import Change, SentMail, Status, SyncRun
from targets.models import GroupMembership
from tests.world import PLAN, make_world


@pytest.fixture
def world(acme):
    with scope(account=acme):
        return make_world(acme)


@pytest.fixture
def woken(monkeypatch):
    """The ids of the runs that were put on the queue."""
    found: list[int] = []
    monkeypatch.setattr(tasks, "wake", found.append)
    return found


@pytest.fixture
def post(client, acme, alice, django_capture_on_commit_callbacks):
    with scope(account=acme):
        made = make_token(account=acme, user=alice, name="Nightly", scopes=["SYNC", "DECIDE"])[1]

    def post(path, body=None, **headers):
        headers["Authorization"] = f"Bearer {made}"
        with scope(account=acme), django_capture_on_commit_callbacks(execute=True):
            return client.post(
                f"/api/v1/{path}", body, content_type="application/json", headers=headers
            )

    return post


def runs(world):
    with scopes_disabled():
        return SyncRun.objects.filter(pk__gt=world.held.pk).order_by("pk")


def log():
    with scopes_disabled():
        kinds = AuditEvent.objects.exclude(kind="API_TOKEN_MADE").order_by("pk")
        return [(event.kind, event.actor, event.subject) for event in kinds]


def actor(token="Nightly"):
    return f"Alice <alice@acme.example>, through the API token {token} (…{last4()})"


def last4():
    with scopes_disabled():
        return AuditEvent.objects.get(kind="API_TOKEN_MADE").subject[-5:-1]


def test_a_sync_is_queued_once(post, world, woken, alice):
    answer = post(f"connections/{world.connection.pk}/runs", {})
    (run,) = runs(world)
    assert answer.status_code == 202
    told = answer.json()
    assert (told["is_new"], told["run"]["id"], told["run"]["status"]) == (True, run.pk, "QUEUED")
    assert (run.trigger, run.requested_by, woken) == ("MANUAL", alice, [run.pk])
    again = post(f"connections/{world.connection.pk}/runs", {}).json()
    assert (again["is_new"], again["run"]["id"]) == (False, run.pk)
    assert woken == [run.pk]
    assert log() == [("SYNC_STARTED", actor(), f"litmos, sync {run.pk}")]


def test_a_key_makes_a_start_safe_to_repeat(post, world, woken):
    path, key = f"connections/{world.connection.pk}/runs", {"Idempotency-Key": "k1"}
    first = post(path, {}, **key)
    with scopes_disabled():
        SyncRun.objects.filter(pk=first.json()["run"]["id"]).update(status=Status.SYNCED)
    again = post(path, {}, **key)
    assert (again.status_code, again.json()) == (202, first.json())
    assert again["Idempotency-Replayed"] == "true"
    assert len(runs(world)) == len(woken) == 1
    other = post(f"runs/{world.preview.pk}/apply", {}, **key)
    assert (other.status_code, other.json()["code"]) == (422, "key_used")


def test_one_group_is_synced(post, world, woken):
    path = f"connections/{world.connection.pk}/runs"
    assert post(path, {"group": world.group.pk}).status_code == 202
    (run,) = runs(world)
    assert (run.trigger, run.group) == ("ONE", world.group)
    with scopes_disabled():
        run.delete()
        world.group.locked = True
        world.group.save()
    answer = post(path, {"group": world.group.pk})
    told = "Sales is locked: nothing syncs it until it is unlocked."
    assert (answer.status_code, answer.json()["detail"]) == (409, told)
    assert post(path, {"group": world.group.pk + 1}).json()["code"] == "unknown_group"
    assert post(path, {"group": world.group.pk, "is_preview": True}).json()["code"] == "whole_only"
    assert not runs(world)


def test_a_preview_is_started_and_carried_out(post, world, woken):
    started = post(f"connections/{world.connection.pk}/runs", {"is_preview": True}).json()["run"]
    assert started["is_preview"]
    with scopes_disabled():
        SyncRun.objects.filter(pk=started["id"]).update(status=Status.PREVIEWED)
    answer = post(f"runs/{started['id']}/apply")
    assert answer.status_code == 202
    run = runs(world).last()
    assert (run.preview_id, run.is_preview) == (started["id"], False)
    assert woken == [started["id"], run.pk]
    assert post(f"runs/{world.held.pk}/apply").json()["code"] == "nothing_to_apply"
    assert [kind for kind, _, _ in log()] == ["PREVIEW_STARTED", "PREVIEW_APPLIED"]


def test_a_sync_is_cancelled(post, world, woken):
    run = post(f"connections/{world.connection.pk}/runs", {}).json()["run"]
    answer = post(f"runs/{run['id']}/cancel")
    assert (answer.status_code, answer.json()["status"]) == (200, "CANCELLED")
    assert post(f"runs/{run['id']}/cancel").json()["status"] == "CANCELLED"
    assert [kind for kind, _, _ in log()] == ["SYNC_STARTED", "SYNC_CANCELLED"]


def test_held_changes_are_approved(post, world):
    decision = {"decision": "approve", "plan_hash": PLAN, "reason": "They have left"}
    answer = post(f"runs/{world.held.pk}/decisions", decision)
    assert answer.status_code == 200, answer.text
    assert (answer.json()["changes"], answer.json()["run"]["status"]) == (1, "SYNCED")
    with scopes_disabled():
        assert Change.objects.get().outcome == "APPLIED"
        assert not GroupMembership.objects.get().is_active
        (event,) = AuditEvent.objects.filter(kind="CHANGES_APPROVED")
        assert (event.actor, event.reason) == (actor(), "They have left")
        assert SentMail.objects.count() == 0  # no Account Manager Email is set


def test_held_changes_are_kept_and_only_those_that_were_named(post, world):
    path = f"runs/{world.held.pk}/decisions"
    nothing = {"decision": "keep", "plan_hash": PLAN, "changes": [world.change.pk + 1]}
    assert post(path, nothing).json()["code"] == "nothing_chosen"
    chosen = {**nothing, "changes": [world.change.pk]}
    assert post(path, chosen).json()["changes"] == 1
    with scopes_disabled():
        assert Change.objects.get().outcome == "KEPT"
        assert GroupMembership.objects.get().is_active


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"plan_hash": "b" * 64}, 409, "other_plan"),
        ({"changes": "one that is not held"}, 409, "other_rows"),
        ({"decision": "drop"}, 422, "not_as_described"),
        ({"account_id": 1}, 422, "not_as_described"),
        ({"changes": ["1 OR 1=1"]}, 422, "not_as_described"),
    ],
)
def test_a_decision_that_is_refused_changes_nothing(change, status, code, post, world):
    decision = {"decision": "approve", "plan_hash": PLAN} | change
    if change.get("changes") == "one that is not held":
        decision["changes"] = [world.change.pk, world.change.pk + 1]
    answer = post(f"runs/{world.held.pk}/decisions", decision)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    with scopes_disabled():
        assert Change.objects.get().outcome == "HELD"
    assert log() == []


@pytest.mark.parametrize(
    ("path", "needed"),
    [
        ("connections/{connection}/runs", "SYNC"),
        ("runs/{preview}/apply", "SYNC"),
        ("runs/{held}/cancel", "SYNC"),
        ("runs/{held}/decisions", "DECIDE"),
    ],
)
def test_each_needs_its_scope_and_its_account(
    path, needed, client, world, acme, alice, globex, charlie, woken
):
    names = ("connection", "preview", "held")
    path = "/api/v1/" + path.format(**{name: getattr(world, name).pk for name in names})
    others = [scope for scope in Scope.values if scope != needed]
    body = {"decision": "approve", "plan_hash": PLAN} if needed == "DECIDE" else {}
    for account, user, scopes, status in (
        (acme, alice, others, 403),
        (globex, charlie, [needed], 404),
    ):
        with scope(account=account):
            made = make_token(account=account, user=user, name="T", scopes=scopes)[1]
        answer = client.post(
            path, body, content_type="application/json", headers={"Authorization": f"Bearer {made}"}
        )
        assert answer.status_code == status, answer.text
    assert woken == []
    with scopes_disabled():
        assert Change.objects.get().outcome == "HELD"


def test_what_was_removed_is_not_synced(post, world):
    with scopes_disabled():
        world.connection.api_key_sealed = ""
        world.connection.save()
    answer = post(f"connections/{world.connection.pk}/runs", {})
    assert (answer.status_code, answer.json()["code"]) == (409, "not_set_up")
