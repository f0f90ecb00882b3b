from __future__ import annotations

from django.db import models
from django_scopes import ScopedManager

from accounts.models import Account
from integrations.models.connection import Connection
from integrations.models.run import SyncRun


class Mirror(models.Model):
    """What the provider held when it was last read, so that a night has to ask for changes alone: the
    staged teams, people and members of `run`, brought up to date since.

    `complete_at` and `read_at` are when the last complete reading, and the last of any kind, began;
    `source` marks the key and region they were made with; `nameless` counts people without a readable
    id. `agreed` counts the comparisons in a row in which the changes alone led to what a complete reading
    found.
    """

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    connection = models.OneToOneField(Connection, on_delete=models.CASCADE, related_name="mirror")
    run = models.OneToOneField(SyncRun, on_delete=models.CASCADE, related_name="+")
    source = models.CharField(max_length=64)
    complete_at = models.DateTimeField()
    read_at = models.DateTimeField()
    nameless = models.PositiveIntegerField(default=0)
    agreed = models.PositiveIntegerField(default=0)

    objects = ScopedManager(account="account")

    def __str__(self) -> str:
        return f"mirror of {self.connection}"
