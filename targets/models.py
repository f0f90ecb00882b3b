from __future__ import annotations

import secrets
from uuid import uuid4

from django.db import models
from django.utils.timezone import now
from django_scopes import ScopedManager

from accounts.models import Account, User
from groups.models import Group


class PersonFields(models.Model):
    """The article's fields of a person under the Portal's names; a sync stages them in the same columns."""

    email = models.CharField(max_length=255)
    email_key = models.CharField(max_length=255, editable=False)
    first_name = models.CharField(max_length=64, blank=True)
    last_name = models.CharField(max_length=64, blank=True)
    name = models.CharField(max_length=200, blank=True)
    phone_business = models.CharField(max_length=35, blank=True)
    phone_mobile = models.CharField(max_length=35, blank=True)
    address_one = models.CharField(max_length=150, blank=True)
    address_two = models.CharField(max_length=150, blank=True)
    city = models.CharField(max_length=60, blank=True)
    state = models.CharField(max_length=32, blank=True)
    zip = models.CharField(max_length=15, blank=True)
    country = models.CharField(max_length=65, blank=True)
    company = models.CharField(max_length=255, blank=True)
    title = models.CharField(max_length=255, blank=True)
    timezone = models.CharField(max_length=64, blank=True)
    language = models.CharField(max_length=35, blank=True)
    manager = models.CharField(max_length=255, blank=True)
    optional_1 = models.CharField(max_length=1000, blank=True)
    optional_2 = models.CharField(max_length=1000, blank=True)
    optional_3 = models.CharField(max_length=1000, blank=True)

    class Meta:
        abstract = True


class Target(PersonFields):
    """A person who can be phished, with the article's fields under the Portal's names.

    `email_key` is what makes two addresses the same (`targets.emails.email_key`).
    `is_active` is the administrator's own switch: a sync never touches it.
    `left_source_at` is when the source last said that this person is inactive there or gone.
    `is_reachable`: switched on, and active in a group (kept by `targets.tallies`).
    """

    account = models.ForeignKey(
        Account,
        on_delete=models.CASCADE,
        related_name="targets",
        db_index=False,
        db_constraint=False,
    )
    is_active = models.BooleanField(default=True)
    source = models.CharField(max_length=40, blank=True, default="")
    left_source_at = models.DateTimeField(null=True, editable=False)
    is_reachable = models.BooleanField(default=True, editable=False)
    created_at = models.DateTimeField(default=now, editable=False)
    updated_at = models.DateTimeField(default=now, editable=False)

    objects = ScopedManager(account="account")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "email_key"], name="target_email_unique"),
        ]
        # The partial ones hold the few that a page in the order of names would look for among all.
        indexes = [
            models.Index(fields=["account", "name", "id"], name="target_by_name"),
            models.Index(
                fields=["account", "name", "id"],
                condition=models.Q(is_reachable=False),
                name="target_unreachable",
            ),
            models.Index(
                fields=["account", "name", "id"],
                condition=models.Q(source=""),
                name="target_by_hand",
            ),
            models.Index(
                fields=["account", "left_source_at"],
                condition=models.Q(left_source_at__isnull=False),
                name="target_left",
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.email


class Tally(models.Model):
    """How many targets an account has, and the providers they come from (kept by `targets.tallies`)."""

    account = models.OneToOneField(
        Account, on_delete=models.CASCADE, primary_key=True, related_name="+"
    )
    targets = models.PositiveIntegerField(default=0)
    sources = models.JSONField(default=list)

    objects = ScopedManager(account="account")

    def __str__(self) -> str:
        return f"{self.targets} targets"


class SetBy(models.TextChoices):
    PERSON = "PERSON", "an administrator"
    SYNC = "SYNC", "a sync"


class GroupMembership(models.Model):
    """A target in a group. `set_by` is who decided `is_active` last: a sync never reactivates
    what a person switched off. `is_kept`: an administrator keeps them in, though the source no longer
    lists them; it ends when the source does, or when somebody switches them off."""

    # Indexes that begin with the group and the target are below; each one more slows a first sync down, and
    # so does a check of every row in the database: the account is the group's.
    account = models.ForeignKey(
        Account, on_delete=models.CASCADE, related_name="+", db_index=False, db_constraint=False
    )
    group = models.ForeignKey(
        Group, on_delete=models.CASCADE, related_name="memberships", db_index=False
    )
    target = models.ForeignKey(
        Target, on_delete=models.CASCADE, related_name="memberships", db_index=False
    )
    is_active = models.BooleanField(default=True)
    set_by = models.CharField(max_length=10, choices=SetBy.choices, default=SetBy.PERSON)
    is_kept = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=now, editable=False)
    changed_at = models.DateTimeField(default=now, editable=False)

    objects = ScopedManager(account="account")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["group", "target"], name="group_membership_unique"),
        ]
        indexes = [
            models.Index(fields=["target", "is_active"], name="membership_by_target"),
            models.Index(fields=["group", "is_active"], name="membership_by_group"),
        ]

    def __str__(self) -> str:
        return f"{self.target} in {self.group}"


def _new_key() -> str:
    return secrets.token_hex(32)


class ErasureKey(models.Model):
    """What the digests of an account's erased people are made with: without it they can't be guessed from a
    list of addresses, and no change of the operator's own secrets brings anybody back."""

    account = models.OneToOneField(
        Account, on_delete=models.CASCADE, primary_key=True, related_name="+"
    )
    key = models.CharField(max_length=64, default=_new_key, editable=False)

    objects = ScopedManager(account="account")

    def __str__(self) -> str:
        return f"erasure key of {self.account}"


class Suppression(models.Model):
    """Somebody who was erased and stays out (`targets.suppression`): one row for the address and one for each
    id at a provider. `person` tells which rows are of one person; who they were is not kept."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    person = models.UUIDField(default=uuid4)
    digest = models.CharField(max_length=64)
    made_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    made_at = models.DateTimeField(default=now, editable=False)

    objects = ScopedManager(account="account")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "digest"], name="suppression_once"),
        ]

    def __str__(self) -> str:
        return f"somebody erased at {self.made_at:%Y-%m-%d %H:%M}"


class ImportDraft(models.Model):
    """A CSV file on its way in, between one page and the next. `rows` are its rows as texts, the heading
    first, and `lines` the numbers in the file of those below it; `columns` says for each column which field
    it is, '' for none. It ends after a day."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    made_by = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=255)
    remark = models.CharField(max_length=255, blank=True)
    rows = models.JSONField()
    lines = models.JSONField(default=list)
    columns = models.JSONField(default=list)
    group_ids = models.JSONField(default=list)
    makes_groups = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=now, db_index=True)

    objects = ScopedManager(account="account")

    def __str__(self) -> str:
        return self.name
