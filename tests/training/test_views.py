import re

import pytest
from django.test import Client

from integrations import vault
from tests.factories import GroupFactory
from tests.logging_in import confirm
from training.models import Campaign, Enrollment, GroupLms, State

pytestmark = pytest.mark.django_db


@pytest.fixture
def enrollment(act):
    act()
    return Enrollment.objects.get()


def pages(campaign, enrollment):
    return [
        "/campaigns/",
        f"/campaigns/{campaign.pk}/",
        "/enrollments/",
        "/enrollments/enrolments.csv",
        f"/enrollments/{enrollment.pk}/",
    ]


def changes(campaign, enrollment):
    at, row = f"/campaigns/{campaign.pk}", f"/enrollments/{enrollment.pk}"
    return [
        "/campaigns/new/",
        f"{at}/edit/",
        f"{at}/start/",
        f"{at}/end/",
        f"{at}/secret/",
        f"{at}/import/",
        f"{row}/withdraw/",
        f"{row}/again/",
        f"{row}/done/",
        "/groups/lms/",
    ]


def statuses(client, addresses, method="get"):
    return {getattr(client, method)(address).status_code for address in addresses}


def test_who_may_see_what(as_alice, as_bob, as_charlie, campaign, enrollment):
    seen = pages(campaign, enrollment)
    assert statuses(as_alice, seen) == statuses(as_bob, seen) == {200}
    assert statuses(Client(), seen) == {302}
    assert statuses(as_charlie, [seen[1], seen[4]]) == {404}


def test_who_may_change_what(as_bob, as_charlie, campaign, enrollment):
    changing = changes(campaign, enrollment)
    assert statuses(as_bob, changing, "post") == {403}
    assert statuses(Client(), changing, "post") == {302}
    assert statuses(as_charlie, changing[1:-1], "post") == {404}
    enrollment.refresh_from_db()
    assert enrollment.state == State.WAITING


def form(campaign, **values):
    return {
        "name": "Winter",
        "groups": [each.pk for each in campaign.groups.all()],
        "courses": [each.pk for each in campaign.courses.all()],
        "failing": ["CLICKED"],
        "waiting_minutes": "5",
        "not_again_days": "30",
        **values,
    }


def test_a_campaign_is_made_started_and_ended(as_alice, campaign):
    answer = as_alice.post("/campaigns/new/", form(campaign))
    made = Campaign.objects.get(name="Winter")
    assert answer.url == f"/campaigns/{made.pk}/"
    assert (made.failing, made.waiting_minutes, made.not_again_days) == (["CLICKED"], 5, 30)
    as_alice.post(f"/campaigns/{made.pk}/start/")
    made.refresh_from_db()
    assert made.is_running
    asked = as_alice.post(f"/campaigns/{made.pk}/end/", {"withdraw": "1"}).content.decode()
    assert "A campaign that has ended can't be started again." in asked
    assert '<input type="hidden" name="withdraw" value="1">' in asked
    made.refresh_from_db()
    assert made.is_running
    as_alice.post(f"/campaigns/{made.pk}/end/", {"confirmed": "1"})
    made.refresh_from_db()
    assert made.state == "ENDED"
    assert as_alice.get(f"/campaigns/{made.pk}/edit/").status_code == 404


@pytest.mark.parametrize(
    "bad",
    [
        {"name": ""},
        {"groups": []},
        {"courses": ["99999"]},
        {"failing": []},
        {"failing": ["SENT"]},
        {"waiting_minutes": "-1"},
        {"not_again_days": "many"},
    ],
)
def test_a_bad_form_says_so_and_keeps_what_was_typed(as_alice, campaign, bad):
    answer = as_alice.post("/campaigns/new/", form(campaign, **bad))
    assert answer.status_code == 200
    assert "is-invalid" in answer.content.decode()
    assert Campaign.objects.count() == 1


def test_another_accounts_groups_can_not_be_chosen(as_alice, campaign, globex):
    foreign = GroupFactory(account=globex)
    answer = as_alice.post("/campaigns/new/", form(campaign, groups=[foreign.pk]))
    assert answer.status_code == 200


def test_an_inactive_course_is_warned_of(as_alice, campaign, course):
    assert "can't be assigned" not in as_alice.get(f"/campaigns/{campaign.pk}/").content.decode()
    course.is_active = False
    course.save()
    page = as_alice.get(f"/campaigns/{campaign.pk}/").content.decode()
    assert "can&#x27;t be assigned" in page or "can't be assigned" in page


def test_the_secret_is_shown_once(as_alice, campaign):
    asked = as_alice.post(f"/campaigns/{campaign.pk}/secret/")
    assert asked["Location"].startswith("/accounts/reauthenticate/")
    page = confirm(as_alice).post(f"/campaigns/{campaign.pk}/secret/").content.decode()
    campaign.refresh_from_db()
    kept = vault.unseal(campaign.hook_secret_sealed, context=campaign.hook_context).reveal()
    assert kept in page
    assert kept not in as_alice.get(f"/campaigns/{campaign.pk}/").content.decode()
    assert kept not in campaign.hook_secret_sealed


def test_the_timeline_and_the_reason_are_told(as_bob, as_alice, campaign, act):
    campaign.waiting_minutes = 15
    campaign.save()
    act()
    enrollment = Enrollment.objects.get()
    campaign.waiting_minutes = 1
    campaign.save()
    page = as_bob.get(f"/enrollments/{enrollment.pk}/").content.decode()
    assert "Waits 15 minutes, in case the action turns out" in page
    assert "Withdraw</button>" not in page
    page = as_alice.get(f"/enrollments/{enrollment.pk}/").content.decode()
    assert "Withdraw</button>" in page


def test_filters(as_alice, enrollment):
    def found(query):
        return as_alice.get(f"/enrollments/?{query}").content.decode().count('scope="row"')

    at = enrollment.campaign_id
    assert [found("q=ann"), found("q=nobody"), found("state=WAITING")] == [1, 0, 1]
    assert [found("state=COMPLETED"), found(f"campaign={at}")] == [0, 1]


def test_csv_can_not_run(as_alice, enrollment):
    enrollment.target.name = "=1+1"
    enrollment.target.save()
    lines = b"".join(as_alice.get("/enrollments/enrolments.csv").streaming_content).decode()
    assert '"\'=1+1"' in lines
    assert len(lines.strip().splitlines()) == 2


def test_by_hand(as_alice, enrollment):
    address = f"/enrollments/{enrollment.pk}/withdraw/"
    asked = as_alice.post(address).content.decode()
    assert ("Withdraw 1 enrolment?" in asked, f'action="{address}"' in asked) == (True, True)
    enrollment.refresh_from_db()
    assert enrollment.state == State.WAITING
    as_alice.post(address, {"confirmed": "1"})
    enrollment.refresh_from_db()
    assert (enrollment.state, enrollment.reason) == (State.WITHDRAWN, "by_hand")
    as_alice.post(f"/enrollments/{enrollment.pk}/again/")
    enrollment.refresh_from_db()
    assert enrollment.state == State.WAITING
    as_alice.post(f"/enrollments/{enrollment.pk}/done/")
    answer = as_alice.post(address, {"confirmed": "1"}, follow=True)
    assert "Nothing was changed" in answer.content.decode()


def test_the_lms_of_groups_is_chosen_and_shown(as_alice, campaign, connection, group):
    assert "Litmos (default)" in as_alice.get("/groups/").content.decode()
    asked = as_alice.post("/groups/lms/", {"group": [group.pk]}).content.decode()
    assert re.findall(r'name="lms" value="(\w+)"', asked) == ["default", str(connection.pk), "none"]
    as_alice.post("/groups/lms/", {"group": [group.pk], "lms": connection.pk})
    assert "Litmos (by hand)" in as_alice.get("/groups/").content.decode()
    as_alice.post("/groups/lms/", {"group": [group.pk], "lms": "none"})
    assert "None (by hand)" in as_alice.get("/groups/").content.decode()
    as_alice.post("/groups/lms/", {"group": [group.pk], "lms": "default"})
    assert not GroupLms.objects.exists()


def test_queries_do_not_grow(as_alice, act, campaign, group, django_assert_max_num_queries):
    from tests.factories import GroupMembershipFactory, TargetFactory

    group.smart_sync = True
    group.save()
    for number in range(30):
        target = TargetFactory(account=group.account, email=f"p{number}@acme.example")
        GroupMembershipFactory(group=group, target=target)
        act(email=target.email)
    with django_assert_max_num_queries(9):
        as_alice.get("/enrollments/")
    with django_assert_max_num_queries(21):
        as_alice.get(f"/campaigns/{campaign.pk}/")
