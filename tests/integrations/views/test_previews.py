"""Preview changes, Apply these changes and Undo as pages."""

from datetime import timedelta

import pytest
from django.utils import timezone

from integrations.models import Change, Status, SyncRun, Trigger
from tests.factories import SyncRunFactory
from tests.integrations.views.conftest import STORE, text

pytestmark = pytest.mark.usefixtures("in_acme")


def row(run, label, digest, **fields):
    given = {"kind": "PERSON", "action": "CREATE", "outcome": "PLANNED", **fields}
    return Change.objects.create(
        account=run.account, run=run, label=label, digest=digest * 32, **given
    )


@pytest.fixture
def preview(connection, alice):
    run = SyncRunFactory(
        connection=connection,
        requested_by=alice,
        status=Status.PREVIEWED,
        is_preview=True,
        plan_hash="a" * 64,
        calls=17,
        counts={
            "PERSON.CREATE.PLANNED": 2,
            "WHY.PERSON.CREATE..PLANNED": 2,
            "PERSON.UPDATE.PLANNED": 5,
            "WHY.PERSON.UPDATE..PLANNED": 5,
            "FIELD.city": 4,
            "FIELD.name": 1,
            "WHY.PERSON.DEACTIVATE.GONE.HELD": 11,
            "PERSON.DEACTIVATE.HELD": 11,
            "WHY.MEMBERSHIP.DEACTIVATE.LEFT_TEAM.PLANNED": 3,
            "WHY.PERSON.SKIP.NO_EMAIL.SKIPPED": 6,
            "WHY.GROUP.ADOPT..PLANNED": 1,
            "WHY.GROUP.UPDATE..PLANNED": 1,
        },
    )
    row(run, "Ann", "1")
    row(run, "Sales", "2", kind="GROUP", action="ADOPT", group_id=7)
    row(run, "Zoe", "3", kind="MEMBERSHIP", action="DEACTIVATE", group_id=7)
    change = {"before": {"name": "Ops"}, "after": {"name": "Operations"}}
    row(run, "Operations", "4", kind="GROUP", action="UPDATE", **change)
    return run


def page_of(run):
    return f"{STORE}paper/runs/{run.pk}/"


def test_who_may_start_one(client, as_bob, as_charlie, connection):
    address = f"{STORE}paper/preview/"
    assert as_bob.post(address).status_code == 403
    assert as_charlie.post(address).status_code == 404
    assert client.post(address)["Location"].startswith("/login/")


def test_start_goes_to_the_runs_page_and_again_to_the_same(as_alice, connection):
    first = as_alice.post(f"{STORE}paper/preview/")
    run = SyncRun.objects.get()
    assert (run.is_preview, run.trigger, run.status) == (True, "MANUAL", "QUEUED")
    assert first["Location"] == page_of(run)
    second = as_alice.post(f"{STORE}paper/preview/")
    assert second["Location"] == page_of(run)
    said = text(as_alice.get(page_of(run)))
    assert "A sync of this integration is open already." in said
    assert "Preview queued" in said


def test_only_a_post_starts_anything(as_alice, preview):
    for end in ("preview/", f"runs/{preview.pk}/apply/", f"runs/{preview.pk}/undo/"):
        assert as_alice.get(f"{STORE}paper/{end}").status_code == 405


def test_blast_radius_is_on_top(as_alice, preview):
    preview.account.seat_limit = 100
    preview.account.save()
    said = text(as_alice.get(page_of(preview)))
    for line in (
        "New people 2",
        "Changed people 5 city 4, name 1",
        "Made inactive 14 11 gone from the source, 3 left one team",
        "Adopted groups 1 Sales (1 of its people become inactive)",
        "Renamed groups 1 Ops → Operations",
        "Waiting for a decision 11",
        "Skipped 6 6 no e-mail address",
        "0 of 100 seats are taken now, about 2 would be after it.",
        "17 API calls were made for this.",
        "Apply these changes",
    ):
        assert line in said


def test_card_goes_on_telling_of_the_last_sync(as_alice, connection, preview):
    SyncRunFactory(connection=connection, status=Status.HELD)
    SyncRunFactory(connection=connection, status=Status.PREVIEWED, is_preview=True)
    assert "Changes held" in text(as_alice.get(STORE))


def test_apply_queues_a_sync_for_this_plan(as_alice, preview):
    answer = as_alice.post(f"{page_of(preview)}apply/")
    run = SyncRun.objects.exclude(pk=preview.pk).get()
    assert answer["Location"] == page_of(run)
    assert (run.preview_id, run.is_preview, run.status) == (preview.pk, False, "QUEUED")


def test_apply_is_offered_once(as_alice, connection, preview):
    SyncRunFactory(connection=connection, preview=preview)
    assert "Apply these changes" not in text(as_alice.get(page_of(preview)))
    answer = as_alice.post(f"{page_of(preview)}apply/", follow=True)
    assert "These changes were carried out already" in text(answer)


def test_what_differs_is_shown(as_alice, connection, preview):
    second = SyncRunFactory(
        connection=connection,
        status=Status.PREVIEWED,
        is_preview=True,
        preview=preview,
        plan_hash="b" * 64,
        counts={"PERSON.CREATE.PLANNED": 2, "WHY.PERSON.CREATE..PLANNED": 2},
    )
    row(second, "Ann", "1")
    row(second, "Dee", "9")
    said = text(as_alice.get(page_of(second)))
    assert "Nothing was applied: something has moved since the preview." in said
    assert "Only in the plan of now Person, new: Dee Only in the preview before" in said
    assert "Group, adopted: Sales" in said
    assert "Apply these changes" in said


def test_undo_is_offered_for_what_was_done(as_alice, connection):
    run = SyncRunFactory(connection=connection, counts={"PERSON.UPDATE.APPLIED": 2})
    quiet = SyncRunFactory(connection=connection, counts={"UNCHANGED.PERSON": 2})
    old = SyncRunFactory(
        connection=connection,
        counts={"PERSON.UPDATE.APPLIED": 2},
        finished_at=timezone.now() - timedelta(days=31),
    )
    assert "Undo this sync" in text(as_alice.get(page_of(run)))
    for other in (quiet, old):
        assert "Undo this sync" not in text(as_alice.get(page_of(other)))
        answer = as_alice.post(f"{page_of(other)}undo/", follow=True)
        assert "be undone: it changed nothing" in text(answer)

    answer = as_alice.post(f"{page_of(run)}undo/")

    begun = SyncRun.objects.get(undoes=run)
    assert (begun.trigger, begun.is_preview, begun.phase) == (Trigger.UNDO, True, "PLAN")
    assert answer["Location"] == page_of(begun)


def test_undone_sync_says_by_which(as_alice, connection):
    run = SyncRunFactory(connection=connection, counts={"PERSON.UPDATE.APPLIED": 2})
    undo = SyncRunFactory(
        connection=connection, undoes=run, trigger=Trigger.UNDO, status=Status.UNDONE
    )
    page = as_alice.get(page_of(run))
    assert "This sync was undone" in text(page)
    assert f"/runs/{undo.pk}/" in page.content.decode()
    assert f"Undo of sync {run.pk}" in text(as_alice.get(page_of(undo)))


def test_undone_sync_is_undone_in_the_history_and_offers_no_undo(as_alice, connection):
    run = SyncRunFactory(connection=connection, counts={"PERSON.CREATE.APPLIED": 3})
    assert "Undo this sync" in text(as_alice.get(page_of(run)))
    SyncRunFactory(
        connection=connection,
        trigger=Trigger.UNDO,
        undoes=run,
        is_preview=True,
        status=Status.PREVIEWED,
    )
    assert "Undo this sync" in text(as_alice.get(page_of(run)))
    SyncRunFactory(connection=connection, trigger=Trigger.UNDO, undoes=run, status=Status.UNDONE)
    page = as_alice.get(page_of(run))
    assert ("Undo this sync" in text(page), page.context["shown"].status) == (False, "Undone")
    lines = as_alice.get(f"{STORE}paper/runs/").context["lines"]
    assert [line.status for line in lines] == ["Undone", "Preview ready", "Undone"]
    as_alice.post(f"{page_of(run)}undo/")
    assert SyncRun.objects.count() == 3


@pytest.mark.parametrize(
    ("status", "told"),
    [(Status.SYNCED, "was applied"), (Status.RUNNING, "is being applied"), (Status.FAILED, "")],
)
def test_applied_preview_and_its_sync_tell_of_each_other(
    as_alice, connection, preview, status, told
):
    ended = {} if status != Status.RUNNING else {"finished_at": None}
    run = SyncRunFactory(connection=connection, preview=preview, status=status, **ended)
    said = text(as_alice.get(page_of(preview)))
    assert (f"This preview {told}: see sync {run.pk}" in said) == bool(told)
    assert ("Nothing has been changed." in said) == (not told)
    assert "This sync came from a preview: see what it was to do" in text(
        as_alice.get(page_of(run))
    )


def test_queries(as_alice, connection, preview, django_assert_max_num_queries):
    second = SyncRunFactory(
        connection=connection,
        status=Status.PREVIEWED,
        is_preview=True,
        preview=preview,
        plan_hash="b" * 64,
        counts=preview.counts,
    )
    with django_assert_max_num_queries(12):
        as_alice.get(page_of(preview))
    with django_assert_max_num_queries(16):
        as_alice.get(page_of(second))
