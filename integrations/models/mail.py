from __future__ import annotations

from django.db import models
from django.utils import timezone
from django_scopes import ScopedManager

from accounts.models import Account
from integrations.models.run import SyncRun


class MailKind(models.TextChoices):
    """The system e-mails that an account can switch off and word itself."""

    SYNC_FINISHED = "integration_sync_finished", "A sync has ended"
    CHANGES_DECIDED = "integration_changes_decided", "Somebody decided held changes"
    DRIFT_REPORT = "integration_drift_report", "Weekly drift report"


class MailSetting(models.Model):
    """What an account wants of one kind of system e-mail. `recipients` get it beside the Account Manager
    Email; `subject` and `text` are its own words, with fields in them (`integrations.mail_words`), both
    empty: the standard ones. Of the drift report `Account.is_drift_mailed` is the switch."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="mail_settings")
    kind = models.CharField(max_length=60, choices=MailKind.choices)
    is_on = models.BooleanField(default=True)
    recipients = models.JSONField(default=list)
    subject = models.CharField(max_length=200, blank=True)
    text = models.TextField(blank=True)

    objects = ScopedManager(account="account")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "kind"], name="mail_setting_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.account}"


class SentMail(models.Model):
    """One system e-mail as it was sent to one recipient. The unique `occasion` makes sure it is sent once
    (`integration_sync_finished:<run id>`, with a number for each further recipient); re-sending adds to
    `attempts`."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="sent_mails")
    run = models.ForeignKey(SyncRun, null=True, on_delete=models.SET_NULL, related_name="mails")
    template = models.CharField(max_length=60)
    occasion = models.CharField(max_length=120, unique=True)
    recipient = models.CharField(max_length=255)
    subject = models.CharField(max_length=255)
    text = models.TextField()
    html = models.TextField()
    attempts = models.PositiveIntegerField(default=0)
    sent_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=255, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = ScopedManager(account="account")

    class Meta:
        indexes = [models.Index(fields=["account", "-created_at"], name="sent_mail_newest")]

    def __str__(self) -> str:
        return self.subject
