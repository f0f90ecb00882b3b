import pytest

from groups.models import Group
from integrations.models import GroupLink, StagedPerson, TargetLink
from targets.models import GroupMembership, Target
from tests.integrations.sync.states import courses, log, memberships, people

pytestmark = pytest.mark.django_db


def test_first_sync_brings_everybody_over(sync):
    run = sync()

    assert (run.status, run.error_code) == ("SYNCED", "")
    assert memberships() == {
        "Sales": {"ann@acme.example": True, "bo@acme.example": True},
        "Support": {"bo@acme.example": True, "cy@acme.example": True},
    }
    assert people() == {
        "ann@acme.example": "Ann Lee",
        "bo@acme.example": "Bo Ek",
        "cy@acme.example": "Cy Fu",
    }
    assert courses() == {"Phishing basics": True}
    assert log(run) == [
        ("COURSE", "CREATE", "Phishing basics", "", "APPLIED"),
        ("GROUP", "CREATE", "Sales", "", "APPLIED"),
        ("GROUP", "CREATE", "Support", "", "APPLIED"),
        ("PERSON", "CREATE", "Ann Lee", "", "APPLIED"),
        ("PERSON", "CREATE", "Bo Ek", "", "APPLIED"),
        ("PERSON", "CREATE", "Cy Fu", "", "APPLIED"),
    ]
    assert run.counts == {
        "COURSE.CREATE.APPLIED": 1,
        "GROUP.CREATE.APPLIED": 2,
        "PERSON.CREATE.APPLIED": 3,
        "WHY.COURSE.CREATE..APPLIED": 1,
        "WHY.GROUP.CREATE..APPLIED": 2,
        "WHY.PERSON.CREATE..APPLIED": 3,
    }
    assert run.calls == 1 + 1 + 1 + 2 + 1
    assert not StagedPerson.objects.filter(run=run).exists()


def test_second_sync_changes_nothing(sync):
    sync()
    before = _rows()
    run = sync()

    assert run.status == "SYNCED"
    assert log(run) == []
    assert run.counts == {"UNCHANGED.PERSON": 3, "UNCHANGED.COURSE": 1}
    assert _rows() == before


def _rows():
    """All but when a group was last compared with its team."""
    GroupLink.objects.update(compared_at=None)
    rows = [
        list(model.objects.order_by("pk").values()) for model in (GroupLink, Target, TargetLink)
    ]
    groups = list(Group.objects.order_by("pk").values("pk", "name", "source", "auto_sync"))
    return [*rows, groups, list(GroupMembership.objects.order_by("pk").values())]


def test_the_reading_plan_is_made_of_the_calls_that_are_certain(sync, remote):
    first = sync()
    assert (first.reading, first.calls) == (
        {"way": "ALL", "teams": 2, "calls": 6, "ways": {"ALL": 6}},
        6,
    )
    one = sync(trigger="PERSON", person_id="P1")
    assert (one.reading, one.calls) == ({"way": "PERSON", "calls": 3}, 3)
    remote.teams.clear()
    remote.members.clear()
    Group.objects.update(locked=True)
    none = sync()
    assert (none.reading, none.calls) == ({"way": "ALL", "teams": 0, "calls": 2}, 2)
