"""The whole of both sides against the rules: after each thing that happened, and at quiet points."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from groups.models import Group
from integrations.models import Course
from targets.models import GroupMembership
from tests.training.histories.rules import OPEN, WATCHED, Rules
from training.models import Campaign, Enrollment, Lane
from training.services.taking import NewAction, take_actions

MOST_ROUNDS = 40
SHOWN = ("state", "reason", "course_id", "target_id", "campaign_id", "completed_at", "percentage")
IN_ORDER = ("ACTED", "NO_BOT")


class Comparing:
    @property
    def rules(self) -> Rules:
        return Rules(self.account.pk, self.tenant)

    def courses(self):
        return Course.objects.order_by("pk")

    def groups(self):
        return Group.objects.order_by("pk")

    def seats(self):
        return GroupMembership.objects.order_by("pk")

    def rows(self) -> list[tuple]:
        return list(Enrollment.objects.order_by("pk").values_list("pk", *SHOWN))

    def take(self, campaign: Campaign, one: NewAction) -> None:
        now = timezone.now()
        expected = self.rules.enrolments_of(campaign, one, now)
        before = set(Enrollment.objects.values_list("pk", flat=True))
        take_actions(campaign=campaign, actions=[one], door="API", now=now)
        made = Enrollment.objects.exclude(pk__in=before)
        found = set(made.values_list("target_id", "course_id", "state", "reason"))
        assert found == expected, (found, expected)
        assert made.count() == len(expected)
        wait = timedelta(minutes=campaign.waiting_minutes)
        assert all(row.due_at >= now + wait for row in made)

    def mark_bot(self, campaign: Campaign, bot: NewAction) -> None:
        """What waits because of it is withdrawn; what was asked for stays."""
        rows = Enrollment.objects.filter(campaign=campaign)
        mine = rows.filter(action__email=bot.email, action__happened_at=bot.happened_at)
        waiting = set(
            mine.filter(state="WAITING", asked_at=None, action__kind=bot.kind).values_list("pk")
        )
        before = {row[0]: row for row in self.rows()}
        take_actions(campaign=campaign, actions=[bot], door="API")
        changed = {row[0]: row for row in self.rows() if before.get(row[0]) != row}
        assert {(pk,) for pk in changed} == waiting, (changed, waiting)
        assert all(row[1:3] == ("WITHDRAWN", "bot") for row in changed.values()), changed

    def check_always(self) -> None:
        assert self.tenant.mails_too_soon() == []
        self.mailed |= {row.person_id for row in self._mailed()}
        assert {user for user, _ in self.tenant.mails} <= self.mailed
        asked = Enrollment.objects.exclude(asked_at=None).select_related("course")
        self.asked |= {(row.person_id, row.course.integration_id) for row in asked}
        assert set(self.tenant.effective) <= self.asked | self.tenant.foreign
        assert self.tenant.mails_of_imports == 0

    def _mailed(self):
        return Enrollment.objects.filter(campaign__is_mailed=True).exclude(mailed_at=None)

    def expected_ends(self) -> dict[int, set]:
        rows = Enrollment.objects.filter(state__in=(*OPEN, *WATCHED, "WITHDRAWING"))
        return {row.pk: row for row in rows.select_related("course", "connection", "target")}

    def let_work_until_quiet(self) -> None:
        """Hours go by without any trouble; then the results are read once more."""
        for _ in range(MOST_ROUNDS):
            self.clock.shift(timedelta(minutes=20))
            self.advance()
            if not Enrollment.objects.filter(state__in=(*OPEN, "WITHDRAWING")).exists():
                break
        else:
            raise AssertionError(f"does not end: {self.rows()}")
        self.clock.shift(timedelta(minutes=61))
        Lane.objects.update(progress_at=None)
        self.advance()
        self.advance()

    def compare(self, open_before: dict[int, Enrollment]) -> None:
        for row in Enrollment.objects.filter(pk__in=open_before).select_related(
            "course", "connection", "target"
        ):
            before = open_before[row.pk]
            if before.state == "WITHDRAWING":
                assert row.state in ("WITHDRAWN",), (row.state, row.reason)
                continue
            ends = self.rules.ends_of(before)
            assert (row.state, row.reason) in ends | self.given_up(row), (
                row.pk,
                (before.state, before.reason),
                (row.state, row.reason),
                ends,
            )
        self._compare_record()

    def given_up(self, row: Enrollment) -> set:
        """After three days what was asked for and never seen is told as failed."""
        is_old = row.created_at < timezone.now() - timedelta(days=3)
        return {("FAILED", row.reason)} if row.asked_at and is_old else set()

    def _compare_record(self) -> None:
        """Each assignment of the record is one that we stand by, or somebody else's; and each that we
        stand by is in the record, while its person and course are."""
        rows = Enrollment.objects.exclude(asked_at=None).select_related("course")
        standing = {
            (row.person_id, row.course.integration_id)
            for row in rows
            if row.state in (*WATCHED, "COMPLETED")
        }
        extra = self.tenant.pairs - standing - self.tenant.foreign
        assert extra == set(), (extra, self.rows())
        lost = {
            (row.person_id, row.course.integration_id)
            for row in rows
            if row.state in (*WATCHED, "COMPLETED") and row.reason != "by_hand"
        } - self.tenant.pairs
        lost = {
            (user, course)
            for user, course in lost
            if user in self.tenant.rows and course in self.tenant.courses
        }
        assert lost - self.tenant.foreign == set(), (lost, self.rows())
        for pair, times in self.tenant.effective.items():
            assert times <= self.tenant.taken_away[pair] + 1, (pair, times)
