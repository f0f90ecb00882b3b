"""Whoever and whatever a list lacks is there until a second look agrees that it is not."""

import pytest

from integrations.contract.records import Page, stand_in_name
from integrations.models import Change, Course, SyncRun
from integrations.selectors import hold_figures
from integrations.services import decide
from targets.models import Target
from tests.factories import TargetFactory
from tests.fakes import FakeSession
from tests.integrations.sync.states import courses, log, memberships

pytestmark = pytest.mark.django_db


@pytest.fixture
def before_page(remote, monkeypatch):
    """Change the remote, or what it answers, just before this page of a list is read."""
    acts = {}

    def read(name, original):
        def method(session, *asked):
            act = acts.get((name, *asked))
            answer = act.pop(0)() if act else None
            return original(session, *asked) if answer is None else answer

        return method

    for name in ("read_people", "read_members", "read_courses"):
        monkeypatch.setattr(FakeSession, name, read(name, getattr(FakeSession, name)))

    def before(*place, act):
        acts.setdefault(place, []).append(act)

    return before


@pytest.fixture
def many(remote):
    """Sixty more people in a third team, ten to a page."""
    remote.page_size = 10
    remote.team("T3", "Branch")
    for number in range(60):
        remote.person(f"X{number:02}", f"x{number:02}@acme.example", "T3", name=f"X {number:02}")
    return remote


def listing(*records):
    """A page that ends its list."""
    return lambda: Page(records, len(records), is_last=True)


def ended(run) -> set[str]:
    return {row[2] for row in log(run) if row[1] == "DEACTIVATE"}


def held(run) -> dict[str, int]:
    return {key: number for key, number in run.counts.items() if key.startswith("HOLD.")}


def weighed(run) -> list[tuple[str, int, int, str]]:
    return [(one.code, one.number, one.of, one.what) for one in hold_figures(run)]


def test_nothing_missing_makes_no_further_call(sync, many):
    sync()
    pages = -(-63 // 10) + 1
    members = 1 + 1 + 7
    assert sync().calls == 1 + 1 + pages - 1 + members + 1


class TestPeople:
    def move(self, many, number):
        """The first so many are deleted while others come, who are listed last."""

        def act():
            for key in list(many.people)[:number]:
                del many.people[key]
            for new in range(number):
                many.person(f"N{new:02}", f"n{new:02}@acme.example", "T3", name=f"N {new:02}")

        return act

    def test_few_are_asked_for(self, sync, many, before_page):
        sync()
        gone = {many.people[key]["name"] for key in list(many.people)[:8]}
        before_page("read_people", 10, act=self.move(many, 8))
        assert ended(sync()) | ended(sync()) == gone

    def test_who_is_named_by_a_team_is_not_gone(self, sync, many):
        """Too many to ask for each, but their team lists them."""
        sync()
        many.hidden = {f"X{number:02}" for number in range(30)}
        many.person("D1", "d1@acme.example", "T3", name="D 1")
        run = sync()
        assert (ended(run), held(run)) == (set(), {})
        assert sum(memberships()["Branch"].values()) == 61

    def test_many_are_held(self, sync, many, connection):
        connection.thresholds = {"people": 100, "group_people": 100}
        connection.save()
        sync()
        for number in range(30):
            del many.people[f"X{number:02}"]
        run = sync()
        assert (run.status, held(run)) == ("HELD", {"HOLD.people_unconfirmed": 30})
        assert weighed(run) == [("people_unconfirmed", 30, 63, "people")]
        assert sum(memberships()["Branch"].values()) == 60

    def test_without_limits_each_is_asked_for(self, sync, many, connection):
        connection.thresholds = {"is_off": True}
        connection.save()
        sync()
        for number in range(30):
            del many.people[f"X{number:02}"]
        run = sync()
        assert (run.status, len(ended(run))) == ("SYNCED", 30)

    def test_a_tenant_that_empties_while_it_is_read_is_held(self, sync, many, before_page):
        sync()
        every = dict(many.people)
        before_page("read_people", 20, act=many.people.clear)
        run = sync()
        assert (run.status, run.hold_reason) == ("HELD", "tenant_empty")
        many.people = every
        assert log(sync()) == []

    def test_a_list_without_an_order_is_read_until_all_are_there(self, sync, many, before_page):
        """Rows move from page to page all the time."""
        sync()

        def shuffle():
            keys = list(many.people)
            many.people = {key: many.people[key] for key in keys[7:] + keys[:7]}

        for _ in range(2):
            before_page("read_people", 30, act=shuffle)
        assert (sync().status, log(SyncRun.objects.latest("pk"))) == ("SYNCED", [])


class TestMembers:
    def test_few_are_asked_for(self, sync, remote, before_page):
        """The first page leaves somebody out, and nothing tells how long the list is."""
        sync()
        before_page("read_members", "T1", 0, act=listing("P2"))
        assert log(sync()) == []

    def test_who_left_indeed_leaves(self, sync, remote):
        sync()
        remote.members["T1"].discard("P2")
        run = sync()
        assert log(run) == [("MEMBERSHIP", "DEACTIVATE", "Bo Ek", "LEFT_TEAM", "APPLIED")]

    def test_many_are_read_again_and_a_list_that_differs_is_left_alone(
        self, sync, many, before_page
    ):
        sync()
        kept = tuple(sorted(many.members["T3"])[:30])
        before_page("read_members", "T3", 0, act=listing(*kept))
        run = sync()
        assert log(run) == [("GROUP", "SKIP", "Branch", "TEAM_UNREAD", "SKIPPED")]
        assert sum(memberships()["Branch"].values()) == 60

    def test_many_who_left_leave(self, sync, many, connection):
        connection.thresholds = {"is_off": True}
        connection.save()
        remote, seats = many, many.members
        for number in range(520):
            remote.person(f"Y{number:03}", f"y{number}@acme.example", "T1 T3", name="Y")
        sync()
        for number in range(520):
            seats["T3"].discard(f"Y{number:03}")
        run = sync()
        assert run.status == "SYNCED"
        assert sum(memberships()["Branch"].values()) == 60

    def test_a_list_that_breaks_off_and_begins_anew_empty_is_left_alone(
        self, sync, many, before_page
    ):
        sync()
        before_page("read_members", "T3", 9, act=listing())
        before_page("read_members", "T3", 0, act=lambda: None)
        before_page("read_members", "T3", 0, act=listing())
        run = sync()
        assert log(run) == [("GROUP", "SKIP", "Branch", "TEAM_UNREAD", "SKIPPED")]
        assert sum(memberships()["Branch"].values()) == 60

    def test_people_found_by_id_are_looked_for_in_their_teams_too(self, sync, many, before_page):
        sync()
        many.hidden = {"X03"}
        many.person("D1", "d1@acme.example", "T3", name="D 1")
        listed = tuple(sorted(many.members["T3"] - {"X03"}))
        before_page("read_members", "T3", 0, act=listing(*listed))
        assert ended(sync()) == set()


class TestCourses:
    @pytest.fixture
    def catalogue(self, remote):
        for number in range(40):
            remote.course(f"K{number:02}", f"Course {number:02}")
        return remote

    def test_few_are_asked_for(self, sync, catalogue, before_page):
        sync()
        del catalogue.courses["K07"]
        rows = FakeSession(catalogue).read_courses(0).records[3:]
        before_page("read_courses", 0, act=listing(*rows))
        run = sync()
        assert log(run) == [("COURSE", "DEACTIVATE", "Course 07", "COURSE_GONE", "APPLIED")]
        assert [name for name, is_there in courses().items() if not is_there] == ["Course 07"]

    def test_many_are_held(self, sync, catalogue, before_page):
        sync()
        before_page("read_courses", 0, act=listing())
        run = sync()
        assert (run.status, held(run)) == ("HELD", {"HOLD.courses_unconfirmed": 41})
        assert weighed(run) == [("courses_unconfirmed", 41, 41, "courses")]
        assert all(courses().values())
        assert log(sync()) == []

    def test_held_ones_are_gone_once_approved(self, sync, catalogue, before_page):
        sync()
        before_page("read_courses", 0, act=listing())
        run = sync()
        decide(
            run=run,
            user=None,
            rows=Change.objects.filter(run=run, label__in=("Course 01", "Course 02")),
            plan_hash=run.plan_hash,
            is_approval=True,
        )
        gone = {name for name, is_there in courses().items() if not is_there}
        assert gone == {"Course 01", "Course 02"}
        assert {row[1:4] for row in log(sync())} == {
            ("REACTIVATE", "Course 01", "BACK"),
            ("REACTIVATE", "Course 02", "BACK"),
        }

    def test_a_course_that_comes_back_inactive_is_not_gone_any_more(self, sync, remote):
        sync()
        course = remote.courses.pop("C1")
        sync()
        remote.course("C1", **course, is_active=False)
        run = sync()
        assert log(run) == [
            ("COURSE", "DEACTIVATE", "Phishing basics", "COURSE_INACTIVE", "APPLIED")
        ]
        assert Course.objects.values_list("is_active", "gone_at").get() == (False, None)
        assert log(sync()) == []


def test_a_target_whose_person_has_no_address_any_more_is_warned_of(sync, remote):
    sync()
    remote.people["P1"]["email"] = ""
    run = sync()
    assert (run.status, run.warnings) == ("WARNINGS", 1)
    assert log(run) == [("PERSON", "SKIP", "Ann Lee", "NO_EMAIL", "SKIPPED")]


class TestWhatIsNotTold:
    def test_a_field_without_a_word_stays_as_it_is(self, sync, remote):
        remote.people["P1"]["language"] = "de"
        sync()
        remote.people["P1"] |= {"lacks": ["language"], "city": "Bonn"}
        sync()
        assert Target.objects.values_list("language", "city").get(email="ann@acme.example") == (
            "de",
            "Bonn",
        )
        assert log(sync()) == []

    def test_of_somebody_found_by_email_too(self, sync, remote, scoped):
        TargetFactory(account=scoped, email="ann@acme.example", language="de")
        remote.people["P1"]["lacks"] = ["language"]
        sync()
        assert Target.objects.get(email="ann@acme.example").language == "de"

    def test_an_empty_one_is_emptied(self, sync, remote):
        remote.people["P1"]["language"] = "de"
        sync()
        remote.people["P1"]["language"] = ""
        sync()
        assert Target.objects.get(email="ann@acme.example").language == ""

    def test_a_team_keeps_its_name_while_it_has_none(self, sync, remote):
        sync()
        remote.teams["T1"] = stand_in_name("T1")
        assert log(sync()) == []
        assert sorted(memberships()) == ["Sales", "Support"]

    def test_a_team_that_never_had_one_gets_a_group(self, sync, remote):
        remote.team("T9", stand_in_name("T9"))
        sync()
        remote.teams["T9"] = "Board"
        sync()
        assert sorted(memberships()) == ["Board", "Sales", "Support"]
