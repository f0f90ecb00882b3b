from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django_scopes import ScopedManager

from accounts.models import Account
from integrations.models import Connection, Course
from targets.models import Target
from training.models.campaign import Action, Campaign
from training.models.repeat import RepeatRule


class State(models.TextChoices):
    WAITING = "WAITING", "Waiting"
    REQUESTED = "REQUESTED", "Requested"
    ASSIGNED = "ASSIGNED", "Assigned"
    IN_PROGRESS = "IN_PROGRESS", "In progress"
    COMPLETED = "COMPLETED", "Completed"
    OVERDUE = "OVERDUE", "Overdue"
    NOT_POSSIBLE = "NOT_POSSIBLE", "Not possible"
    FAILED = "FAILED", "Failed"
    WITHDRAWING = "WITHDRAWING", "Being withdrawn"
    WITHDRAWN = "WITHDRAWN", "Withdrawn"


#: To be asked for at the LMS, and to be watched there.
TO_ASK = (State.WAITING, State.REQUESTED)
WATCHED = (State.ASSIGNED, State.IN_PROGRESS, State.OVERDUE)
#: The reason of what was completed before the action that it is for: over as well, but no remediation.
DONE_BEFORE = "done_before"


def is_remediated(prefix: str = "") -> Q:
    """Of enrollments, or of what `prefix` leads to them from."""
    is_old = Q(**{f"{prefix}reason": DONE_BEFORE})
    return Q(**{f"{prefix}state": State.COMPLETED}) & ~is_old


class Way(models.TextChoices):
    SINGLE = "SINGLE", "By itself"
    IMPORT = "IMPORT", "In a bulk import"


class Enrollment(models.Model):
    """One course for one person, because of one action: a row of the outbox. `asked_at` is set before the
    LMS is asked, so that whoever finds it set looks there before asking again; `looked_at` when a large
    wave looked whether it was there before; `mailed_at` when the LMS was told to send its e-mail. `way` ''
    is undecided. `reason` is a code worded at display."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="enrollments")
    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="enrollments")
    action = models.ForeignKey(Action, on_delete=models.CASCADE, related_name="enrollments")
    target = models.ForeignKey(Target, on_delete=models.CASCADE, related_name="enrollments")
    course = models.ForeignKey(Course, on_delete=models.CASCADE, related_name="enrollments")
    connection = models.ForeignKey(
        Connection, null=True, on_delete=models.SET_NULL, related_name="enrollments"
    )
    rule = models.ForeignKey(
        RepeatRule, null=True, on_delete=models.SET_NULL, related_name="enrollments"
    )
    person_id = models.CharField(max_length=64, blank=True)
    state = models.CharField(max_length=20, choices=State.choices, default=State.WAITING)
    reason = models.CharField(max_length=40, blank=True)
    detail = models.CharField(max_length=200, blank=True)
    percentage = models.FloatField(default=0)
    due_at = models.DateTimeField()
    way = models.CharField(max_length=10, choices=Way.choices, blank=True)
    looked_at = models.DateTimeField(null=True)
    attempts = models.PositiveIntegerField(default=0)
    asked_at = models.DateTimeField(null=True)
    mailed_at = models.DateTimeField(null=True)
    assigned_at = models.DateTimeField(null=True)
    completed_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = ScopedManager(account="account")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["target", "course"],
                condition=Q(state__in=["WAITING", "REQUESTED"]),
                name="enrollment_asked_once",
            ),
        ]
        indexes = [
            models.Index(fields=["account", "-id"], name="enrollment_newest"),
            models.Index(fields=["state", "due_at"], name="enrollment_due"),
            models.Index(fields=["connection", "person_id"], name="enrollment_by_person"),
        ]

    def __str__(self) -> str:
        return f"{self.target}: {self.course}"


class Step(models.TextChoices):
    ACTED = "ACTED", "Acted"
    REPEATED = "REPEATED", "Repeat offender"
    WAITING = "WAITING", "Waiting"
    NO_BOT = "NO_BOT", "Bot check"
    ASKED = "ASKED", "Asked"
    VERIFIED = "VERIFIED", "Verified"
    STARTED = "STARTED", "Started"
    COMPLETED = "COMPLETED", "Completed"
    OVERDUE = "OVERDUE", "Overdue"
    NOT_POSSIBLE = "NOT_POSSIBLE", "Not possible"
    FAILED = "FAILED", "Failed"
    DELAYED = "DELAYED", "Delayed"
    WITHDRAWING = "WITHDRAWING", "Withdrawal asked for"
    WITHDRAWN = "WITHDRAWN", "Withdrawn"
    STAYS = "STAYS", "Not withdrawn"
    REPLACED = "REPLACED", "Course replaced"
    AGAIN = "AGAIN", "Asked for again"


class TimelineEntry(models.Model):
    """One step of an enrolment. `values` are those of its sentence."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    enrollment = models.ForeignKey(Enrollment, on_delete=models.CASCADE, related_name="timeline")
    step = models.CharField(max_length=20, choices=Step.choices)
    values = models.JSONField(default=dict)
    at = models.DateTimeField(default=timezone.now)

    objects = ScopedManager(account="account")

    class Meta:
        indexes = [models.Index(fields=["enrollment", "id"], name="timeline_in_order")]

    def __str__(self) -> str:
        return f"{self.step} at {self.at:%Y-%m-%d %H:%M}"


class PersonLink(models.Model):
    """Somebody whom no sync brought over, found at the LMS by e-mail. Apart from `TargetLink`, because a
    sync takes those for people it must see again."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="+")
    target = models.ForeignKey(Target, on_delete=models.CASCADE, related_name="+")
    integration_id = models.CharField(max_length=64)
    found_at = models.DateTimeField(default=timezone.now)

    objects = ScopedManager(account="account")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["connection", "target"], name="person_link_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.target} = {self.integration_id}"


class Login(models.Model):
    """Under which name somebody logs in at the LMS, as last read for a large wave."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="+")
    integration_id = models.CharField(max_length=64)
    user_name = models.CharField(max_length=255)
    email_key = models.CharField(max_length=255, blank=True)
    is_active = models.BooleanField()
    read_at = models.DateTimeField()

    objects = ScopedManager(account="account")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["connection", "integration_id"], name="login_unique"),
        ]
        indexes = [models.Index(fields=["connection", "email_key"], name="login_by_email")]

    def __str__(self) -> str:
        return self.user_name


class ToldCompletion(models.Model):
    """What an LMS's webhook has told, kept before it is answered and taken in after: an inbox. The same
    told twice is one row."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="+")
    person_id = models.CharField(max_length=64)
    course_id = models.CharField(max_length=64)
    completed_at = models.DateTimeField()
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    taken_at = models.DateTimeField(null=True, editable=False)

    objects = ScopedManager(account="account")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["connection", "person_id", "course_id", "completed_at"],
                name="told_completion_once",
            ),
        ]
        indexes = [
            models.Index(
                fields=["connection", "id"], condition=Q(taken_at=None), name="told_not_taken"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_id}: {self.course_id}"


class Lane(models.Model):
    """One connection's turn: whoever has the lease asks its LMS, and every write is bound to the epoch.
    `places` says how far each list is read that is longer than a step. `polled_at` is when completions
    were last read, `progress_at` every result, `logins_at` all logins, `size` the number of people at
    the LMS. `hook_hash` tells the LMS's own webhook by the secret in its address, which is not kept."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    connection = models.OneToOneField(Connection, on_delete=models.CASCADE, related_name="lane")
    epoch = models.PositiveIntegerField(default=0)
    lease_until = models.DateTimeField(null=True)
    next_attempt_at = models.DateTimeField(null=True)
    failures = models.PositiveIntegerField(default=0)
    error_code = models.CharField(max_length=40, blank=True)
    creates_people = models.BooleanField(default=False)
    places = models.JSONField(default=dict)
    size = models.PositiveIntegerField(null=True)
    logins_at = models.DateTimeField(null=True)
    progress_at = models.DateTimeField(null=True)
    polled_at = models.DateTimeField(null=True)
    hook_hash = models.CharField(max_length=64, null=True, unique=True, editable=False)  # noqa: DJ001 - none yet
    hook_used_at = models.DateTimeField(null=True, editable=False)

    objects = ScopedManager(account="account")

    def __str__(self) -> str:
        return f"lane of {self.connection}"
