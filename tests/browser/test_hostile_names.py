"""Names that would like to be a page: on every page they are text, and nothing of them runs."""

import pytest

from tests.browser.steps import STORE, log_in

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

HOSTILE = """
from django.utils.timezone import now
from django_scopes import scope
from accounts.models import Account
from groups.models import Group
from integrations.models import Change, Connection, Course, SentMail, SyncRun
from targets import tallies
from targets.models import GroupMembership, Target
from training.models import Action, Campaign, Enrollment, RepeatRule

EVIL = '<img src=x onerror=alert(1)>"><svg/onload=alert(2)>{{7*7}}'
account = Account.objects.get(name=NAME)
Account.objects.filter(pk=account.pk).update(name=NAME + EVIL)
with scope(account=account):
    connection = Connection.objects.create(account=account, provider="litmos", region="us")
    group = Group.objects.create(account=account, name=EVIL, source="litmos")
    target = Target.objects.create(
        account=account, name=EVIL, email='"<svg/onload=alert(3)>"@x.example', email_key="x",
        title="javascript:alert(4)", company=EVIL, city=EVIL)
    GroupMembership.objects.create(account=account, group=group, target=target)
    tallies.recount_group(group.pk)
    course = Course.objects.create(
        account=account, connection=connection, integration_id="1", name=EVIL, code=EVIL,
        description=EVIL)
    run = SyncRun.objects.create(
        account=account, connection=connection, trigger="MANUAL", status="WARNINGS",
        finished_at=now(), group=group, error_detail=EVIL)
    for kind, action in (("PERSON", "UPDATE"), ("GROUP", "CREATE"), ("NOTE", "WARN")):
        Change.objects.create(
            account=account, run=run, kind=kind, action=action, outcome="APPLIED", label=EVIL,
            detail=EVIL, target_id=target.pk, group_id=group.pk, before={"city": EVIL},
            after={"city": "javascript:alert(5)"}, reason_args={"name": EVIL, "team": EVIL})
    campaign = Campaign.objects.create(account=account, name=EVIL, state="RUNNING")
    campaign.groups.add(group)
    campaign.courses.add(course)
    RepeatRule.objects.create(account=account, name=EVIL)
    action = Action.objects.create(
        account=account, campaign=campaign, target=target, kind="CLICKED", email=EVIL, door="API",
        key="1", happened_at=now())
    enrollment = Enrollment.objects.create(
        account=account, campaign=campaign, action=action, target=target, course=course,
        connection=connection, due_at=now(), state="FAILED", detail=EVIL)
    enrollment.timeline.create(account=account, step="ACTED", values={"name": EVIL, "course": EVIL})
    mail = SentMail.objects.create(
        account=account, run=run, template="integration_sync_finished", occasion=NAME,
        recipient=EVIL, subject=EVIL, text=EVIL, html="<p>" + EVIL.replace("<", "&lt;") + "</p>")
    from accounts import audit
    audit.record(account=account, kind="GROUP_SAVED", subject=EVIL, before={"n": EVIL},
                 after={"n": EVIL}, reason=EVIL)
    print(account.pk, group.pk, target.pk, course.pk, run.pk, campaign.pk, enrollment.pk, mail.pk)
"""


@pytest.fixture
def addresses(portal, globex) -> list[str]:
    told = portal.manage("shell", "-v0", "-c", f"NAME = {globex!r}\n{HOSTILE}")
    account, group, target, course, run, campaign, enrollment, mail = told.stdout.split()
    return [
        "/",
        "/groups/",
        f"/groups/{group}/",
        "/groups/?q=%3Cimg+src%3Dx+onerror%3Dalert(1)%3E",
        "/targets/",
        f"/targets/{target}/",
        f"/targets/{target}/history/",
        f"/targets/{target}/remediation/",
        "/courses/",
        f"/courses/{course}/replace/",
        "/campaigns/",
        f"/campaigns/{campaign}/",
        f"/campaigns/{campaign}/edit/",
        f"/campaigns/{campaign}/actions/",
        "/campaigns/repeat-offenders/",
        "/enrollments/",
        f"/enrollments/{enrollment}/",
        "/enrollments/insights/",
        STORE,
        f"{STORE}litmos/runs/",
        f"{STORE}litmos/runs/{run}/",
        "/administration/account/",
        "/administration/mails/",
        f"/administration/mails/{mail}/",
        "/administration/audit/",
    ]


def test_row_27_names_are_text_on_every_page(open_tab, portal, globex, addresses):
    tab = open_tab()
    opened: list[str] = []
    tab.on("dialog", lambda dialog: (opened.append(dialog.message), dialog.dismiss()))
    log_in(tab)
    name = portal.query(f"SELECT name FROM accounts_account WHERE name LIKE '{globex}%'")[0][0]
    tab.goto("/")
    tab.get_by_label("Switch account").click()
    tab.get_by_role("button", name=name, exact=True).click()
    shown = 0
    for address in addresses:
        answer = tab.goto(address)
        assert answer.status == 200, address
        assert tab.locator("img[src=x], svg[onload]").count() == 0, address
        shown += "{{7*7}}" in tab.content()
        assert tab.locator("a[href^='javascript:']").count() == 0, address
    assert opened == []
    assert shown >= len(addresses) - 2
