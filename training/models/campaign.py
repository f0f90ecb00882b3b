from __future__ import annotations

from uuid import uuid4

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django_scopes import ScopedManager

from accounts.models import Account
from groups.models import Group
from integrations.models import Connection, Course
from targets.models import Target


class ActionKind(models.TextChoices):
    SENT = "SENT", "Sent"
    OPENED = "OPENED", "Opened"
    CLICKED = "CLICKED", "Clicked"
    SUBMITTED = "SUBMITTED", "Submitted data"
    ATTACHMENT = "ATTACHMENT", "Opened attachment"
    REPLIED = "REPLIED", "Replied"
    REPORTED = "REPORTED", "Reported"


#: What may count as failing: getting an e-mail or reporting it never does.
FAILING_KINDS = tuple(
    kind for kind in ActionKind if kind not in (ActionKind.SENT, ActionKind.REPORTED)
)
MOST_MINUTES = 30 * 24 * 60
MOST_DAYS = 3650
LARGEST_NUMBER = 2**63 - 1


class CampaignState(models.TextChoices):
    DRAFT = "DRAFT", "Not started"
    RUNNING = "RUNNING", "Running"
    ENDED = "ENDED", "Ended"


def default_failing() -> list[str]:
    return [ActionKind.CLICKED, ActionKind.SUBMITTED, ActionKind.ATTACHMENT, ActionKind.REPLIED]


class Campaign(models.Model):
    """Which groups are phished, what counts as failing, and which courses follow from it. `failing` is a
    list of ActionKind; `hook_secret_sealed` opens only in `hook_context`; `gophish_number` is the number that
    GoPhish gave its campaign, None: actions of each of its campaigns count. `hook_ignored` counts the actions
    of others since the number was set, `hook_ignored_at` is when the last one came."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="campaigns")
    name = models.CharField(max_length=200)
    groups = models.ManyToManyField(Group, related_name="campaigns")
    courses = models.ManyToManyField(Course, related_name="campaigns")
    failing = models.JSONField(default=default_failing)
    waiting_minutes = models.PositiveIntegerField(
        "Waiting time in minutes", default=15, validators=[MaxValueValidator(MOST_MINUTES)]
    )
    not_again_days = models.PositiveIntegerField(
        "Not again within days", default=90, validators=[MaxValueValidator(MOST_DAYS)]
    )
    is_mailed = models.BooleanField("The LMS sends its own e-mail", default=False)
    state = models.CharField(
        max_length=10, choices=CampaignState.choices, default=CampaignState.DRAFT, editable=False
    )
    started_at = models.DateTimeField(null=True, editable=False)
    ended_at = models.DateTimeField(null=True, editable=False)
    gophish_number = models.PositiveBigIntegerField(
        null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(LARGEST_NUMBER)]
    )
    hook_id = models.UUIDField(default=uuid4, unique=True, editable=False)
    hook_secret_sealed = models.TextField(blank=True, editable=False)
    hook_ignored = models.PositiveIntegerField(default=0, editable=False)
    hook_ignored_at = models.DateTimeField(null=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = ScopedManager(account="account")

    class Meta:
        indexes = [models.Index(fields=["account", "-id"], name="campaign_newest")]

    def __str__(self) -> str:
        return self.name

    @property
    def hook_context(self) -> str:
        return f"Campaign:{self.account_id}:{self.hook_id}"

    @property
    def is_running(self) -> bool:
        return self.state == CampaignState.RUNNING


class Door(models.TextChoices):
    GOPHISH = "GOPHISH", "GoPhish"
    CSV = "CSV", "CSV"
    API = "API", "API"


class Action(models.Model):
    """What somebody did with a phishing e-mail. `key` tells the same action sent twice; a person who is
    not known has no `target`, and is kept."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="actions")
    target = models.ForeignKey(
        Target, null=True, on_delete=models.SET_NULL, related_name="phishing_actions"
    )
    kind = models.CharField(max_length=10, choices=ActionKind.choices)
    email = models.CharField(max_length=255)
    is_bot = models.BooleanField(default=False)
    door = models.CharField(max_length=10, choices=Door.choices)
    key = models.CharField(max_length=64)
    happened_at = models.DateTimeField()
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = ScopedManager(account="account")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["campaign", "key"], name="action_once"),
        ]
        indexes = [
            models.Index(fields=["campaign", "-id"], name="action_newest"),
            models.Index("campaign", Lower("email"), name="action_by_address"),
        ]

    def __str__(self) -> str:
        return f"{self.email}: {self.kind}"


class GroupLms(models.Model):
    """A group's own LMS, chosen by hand. Without a row the account's default counts; with a row and no
    connection the group has none."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    group = models.OneToOneField(Group, on_delete=models.CASCADE, related_name="own_lms")
    connection = models.ForeignKey(
        Connection, null=True, on_delete=models.SET_NULL, related_name="+"
    )

    objects = ScopedManager(account="account")

    def __str__(self) -> str:
        return f"{self.group}: {self.connection or 'none'}"
