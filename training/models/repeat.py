from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone
from django_scopes import ScopedManager

from accounts.models import Account
from groups.models import Group
from integrations.models import Course
from training.models.campaign import MOST_DAYS

FEWEST_FAILURES, MOST_FAILURES = 2, 100


class RepeatRule(models.Model):
    """Whoever fails `failures` campaigns within `days` is enrolled in the courses as well. Failing one
    campaign several times counts once. No groups: everybody."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="repeat_rules")
    name = models.CharField(max_length=200)
    failures = models.PositiveIntegerField(
        default=3,
        validators=[MinValueValidator(FEWEST_FAILURES), MaxValueValidator(MOST_FAILURES)],
    )
    days = models.PositiveIntegerField(
        default=365, validators=[MinValueValidator(1), MaxValueValidator(MOST_DAYS)]
    )
    not_again_days = models.PositiveIntegerField(
        default=90, validators=[MaxValueValidator(MOST_DAYS)]
    )
    groups = models.ManyToManyField(Group, blank=True, related_name="repeat_rules")
    courses = models.ManyToManyField(Course, related_name="repeat_rules")
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = ScopedManager(account="account")

    class Meta:
        indexes = [models.Index(fields=["account", "-id"], name="repeat_rule_newest")]

    def __str__(self) -> str:
        return self.name
