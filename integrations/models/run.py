from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.functional import cached_property
from django_scopes import ScopedManager

from accounts.models import Account, User
from groups.models import Group
from integrations.models.connection import Connection
from targets.suppression import Suppressed


class Trigger(models.TextChoices):
    SAVE = "SAVE", "Save"
    MANUAL = "MANUAL", "Run Sync"
    AUTO = "AUTO", "Auto-Sync"
    ONE = "ONE", "One group"
    PERSON = "PERSON", "One person"
    UNDO = "UNDO", "Undo"


class Status(models.TextChoices):
    QUEUED = "QUEUED", "Sync Queued"
    RUNNING = "RUNNING", "Syncing"
    SYNCED = "SYNCED", "Synced"
    WARNINGS = "WARNINGS", "Synced with warnings"
    HELD = "HELD", "Changes held"
    FAILED = "FAILED", "Sync failed"
    CANCELLED = "CANCELLED", "Cancelled"
    PREVIEWED = "PREVIEWED", "Preview ready"
    UNDONE = "UNDONE", "Undone"


OPEN_STATUSES = (Status.QUEUED, Status.RUNNING)


class Phase(models.TextChoices):
    TEAMS = "TEAMS", "Reading teams"
    PEOPLE = "PEOPLE", "Reading people"
    MEMBERS = "MEMBERS", "Reading team members"
    CHANGES = "CHANGES", "Reading changes"
    PERSON = "PERSON", "Reading one person"
    COURSES = "COURSES", "Reading courses"
    CONFIRM = "CONFIRM", "Confirming who is missing"
    PLAN = "PLAN", "Planning"
    APPLY = "APPLY", "Applying"
    FINISH = "FINISH", "Finishing"


class SyncRun(models.Model):
    """One sync, and the lock on its connection: at most one open run per connection.

    `epoch` goes up at each claim and fences every write; `lease_until` is when an unfinished claim
    may be taken over; `attempts` counts claims since the last progress. `cursor` is the place to go
    on from: {"start": record offset} and marks of the reader. `counts` maps
    "<KIND>.<ACTION>.<OUTCOME>" and "UNCHANGED.<KIND>" to numbers. `group` limits the run to one,
    `person_id` to one person (an id at the provider). `is_one_time`: by hand, while the connection
    was not Active.

    `is_preview`: ends after its plan, with nothing applied. `preview` is the preview that this run
    carries out if its own plan has the same `plan_hash`; else it becomes a preview itself. `undoes` is
    the run whose changes it puts back. `mirror` is set while only changes are read: the run whose staging
    they are put into. `reading` is the plan of how Litmos is read (`sync.ways.Plan`), `evidence`
    what a sync of one person found: [{"step", "passed", "code", "args"}]. `field_rules` are the
    connection's as they were when the run was asked for.
    """

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="sync_runs")
    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="runs")
    trigger = models.CharField(max_length=10, choices=Trigger.choices)
    requested_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    group = models.ForeignKey(Group, null=True, on_delete=models.SET_NULL, related_name="+")
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.QUEUED)
    phase = models.CharField(max_length=10, choices=Phase.choices, default=Phase.TEAMS)
    person_id = models.CharField(max_length=64, blank=True)
    is_preview = models.BooleanField(default=False)
    preview = models.ForeignKey("self", null=True, on_delete=models.SET_NULL, related_name="+")
    undoes = models.ForeignKey(
        "self", null=True, on_delete=models.SET_NULL, related_name="undo_runs"
    )
    mirror = models.ForeignKey("self", null=True, on_delete=models.SET_NULL, related_name="+")
    plan_hash = models.CharField(max_length=64, blank=True)
    field_rules = models.JSONField(default=dict)
    reading = models.JSONField(default=dict)
    evidence = models.JSONField(default=list)
    turns_auto_sync_on = models.BooleanField(default=True)
    is_one_time = models.BooleanField(default=False)
    epoch = models.PositiveIntegerField(default=0)
    lease_until = models.DateTimeField(null=True)
    heartbeat_at = models.DateTimeField(null=True)
    attempts = models.PositiveIntegerField(default=0)
    next_attempt_at = models.DateTimeField(null=True)
    is_cancel_requested = models.BooleanField(default=False)
    cursor = models.JSONField(default=dict)
    counts = models.JSONField(default=dict)
    calls = models.PositiveIntegerField(default=0)
    warnings = models.PositiveIntegerField(default=0)
    hold_reason = models.CharField(max_length=40, blank=True)
    is_told = models.BooleanField(default=False)
    error_code = models.CharField(max_length=40, blank=True)
    error_detail = models.CharField(max_length=255, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    objects = ScopedManager(account="account")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["connection"],
                condition=models.Q(status__in=OPEN_STATUSES),
                name="one_open_run_per_connection",
            ),
        ]
        indexes = [
            models.Index(fields=["connection", "-id"], name="sync_run_newest"),
            models.Index(
                fields=["next_attempt_at"],
                condition=models.Q(status__in=OPEN_STATUSES),
                name="sync_run_open",
            ),
        ]

    def __str__(self) -> str:
        return f"sync {self.pk}"

    @property
    def is_open(self) -> bool:
        return self.status in OPEN_STATUSES

    @cached_property
    def suppressed(self) -> Suppressed:
        """Read once for each step: nobody is erased while a run is open."""
        return Suppressed.of(self.account_id)

    @property
    def staging_id(self) -> int:
        """The run whose staged teams, people and members are compared with the Portal."""
        return self.mirror_id or self.pk


class Kind(models.TextChoices):
    GROUP = "GROUP", "Group"
    PERSON = "PERSON", "Person"
    MEMBERSHIP = "MEMBERSHIP", "Membership"
    COURSE = "COURSE", "Course"
    NOTE = "NOTE", "Note"


class Action(models.TextChoices):
    CREATE = "CREATE", "New"
    ADOPT = "ADOPT", "Adopted"
    UPDATE = "UPDATE", "Changed"
    REACTIVATE = "REACTIVATE", "Reactivated"
    DEACTIVATE = "DEACTIVATE", "Inactive"
    UNLINK = "UNLINK", "Unlinked"
    SKIP = "SKIP", "Skipped"
    WARN = "WARN", "Noted"


class Outcome(models.TextChoices):
    PLANNED = "PLANNED", "Planned"
    APPLIED = "APPLIED", "Done"
    HELD = "HELD", "Held"
    SKIPPED = "SKIPPED", "Skipped"
    KEPT = "KEPT", "Kept"


class Reason(models.TextChoices):
    """Why, as a code; the sentence is made at display from `reason_args` (integrations.wording)."""

    NONE = "", ""
    MATCHED_BY_EMAIL = "MATCHED_BY_EMAIL"
    RECREATED = "RECREATED"
    LEFT_TEAM = "LEFT_TEAM"
    NOT_IN_TEAM = "NOT_IN_TEAM"
    NO_TEAM = "NO_TEAM"
    INACTIVE_REMOTE = "INACTIVE_REMOTE"
    GONE = "GONE"
    BACK = "BACK"
    NO_EMAIL = "NO_EMAIL"
    INVALID_EMAIL = "INVALID_EMAIL"
    IN_NO_TEAM = "IN_NO_TEAM"
    ERASED = "ERASED"
    EMAIL_TAKEN = "EMAIL_TAKEN"
    SEAT_LIMIT = "SEAT_LIMIT"
    OVER_SEATS = "OVER_SEATS"
    UNREADABLE = "UNREADABLE"
    LOCKED = "LOCKED"
    ARCHIVED = "ARCHIVED"
    OTHER_INTEGRATION = "OTHER_INTEGRATION"
    NAME_TAKEN = "NAME_TAKEN"
    SAME_NAME = "SAME_NAME"
    TEAM_GONE = "TEAM_GONE"
    TEAM_UNREAD = "TEAM_UNREAD"
    NOT_CHOSEN = "NOT_CHOSEN"
    NO_LONGER_USERS = "NO_LONGER_USERS"
    SHORTENED = "SHORTENED"
    TIMEZONE_UNKNOWN = "TIMEZONE_UNKNOWN"
    LANGUAGE_UNKNOWN = "LANGUAGE_UNKNOWN"
    COURSE_GONE = "COURSE_GONE"
    COURSE_INACTIVE = "COURSE_INACTIVE"
    READ_MOVED = "READ_MOVED"
    CHANGES_REFUSED = "CHANGES_REFUSED"
    CHANGES_DIFFER = "CHANGES_DIFFER"
    KEPT = "KEPT"
    UNDONE = "UNDONE"
    CHANGED_SINCE = "CHANGED_SINCE"


class Decision(models.Model):
    """What a person made of held changes: approved (carried out) or kept (not carried out), `number`
    of them at once, of the plan with this hash."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    run = models.ForeignKey(SyncRun, on_delete=models.CASCADE, related_name="decisions")
    user = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    is_approval = models.BooleanField()
    reason = models.CharField(max_length=255)
    number = models.PositiveIntegerField()
    plan_hash = models.CharField(max_length=64)
    made_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = ScopedManager(account="account")

    def __str__(self) -> str:
        return f"{'approved' if self.is_approval else 'kept'} {self.number} of {self.run}"


class Change(models.Model):
    """One row of the plan, which is also the log.

    `label` is the name shown, `before`/`after` map Portal field names to values (only those that
    differ), `reason_args` are the values of the reason's sentence. `target_id`, `group_id` and
    `course_id` are ours, null for a row not made yet; they carry no constraint, because the log
    outlives what it tells of. `integration_id` is the record's id at the provider, `team_id` the team's
    in a row of kind MEMBERSHIP. `team_ids` lists the teams that a person's row joins or leaves.
    `digest` is of what the row proposes: two plans of equal digests are the same plan.
    """

    # Without indexes of their own: those below begin with the run, and each one more slows a sync down. So
    # does a check of every row in the database; the run is locked while its rows are written.
    account = models.ForeignKey(
        Account, on_delete=models.CASCADE, related_name="+", db_index=False, db_constraint=False
    )
    run = models.ForeignKey(
        SyncRun,
        on_delete=models.CASCADE,
        related_name="changes",
        db_index=False,
        db_constraint=False,
    )
    kind = models.CharField(max_length=10, choices=Kind.choices)
    action = models.CharField(max_length=10, choices=Action.choices)
    outcome = models.CharField(max_length=10, choices=Outcome.choices, default=Outcome.PLANNED)
    reason = models.CharField(max_length=20, choices=Reason.choices, blank=True)
    reason_args = models.JSONField(default=dict)
    hold_reason = models.CharField(max_length=40, blank=True)
    integration_id = models.CharField(max_length=64, blank=True)
    team_id = models.CharField(max_length=64, blank=True)
    label = models.CharField(max_length=255)
    detail = models.CharField(max_length=255, blank=True)
    target_id = models.BigIntegerField(null=True)
    group_id = models.BigIntegerField(null=True)
    course_id = models.BigIntegerField(null=True)
    team_ids = models.JSONField(default=list)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    digest = models.CharField(max_length=32, blank=True)
    decision = models.ForeignKey(
        Decision, null=True, on_delete=models.SET_NULL, related_name="changes", db_index=False
    )

    objects = ScopedManager(account="account")

    class Meta:
        indexes = [
            models.Index(fields=["run", "kind", "action", "outcome"], name="change_by_kind"),
            models.Index(fields=["run", "outcome", "id"], name="change_by_outcome"),
            models.Index(fields=["target_id"], name="change_by_target"),
            models.Index(
                fields=["decision"],
                condition=models.Q(decision__isnull=False),
                name="change_by_decision",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.action} {self.label}"
