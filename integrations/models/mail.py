from __future__ import annotations

from django.db import models
from django.utils import timezone
from django_scopes import ScopedManager

from accounts.models import Account
from integrations.models.run import SyncRun


class SentMail(models.Model):
    """One system e-mail as it was sent. The unique `occasion` makes sure it is sent once
    (`integration_sync_finished:<run id>`); re-sending adds to `attempts`."""

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
