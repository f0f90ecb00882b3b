"""What the setup form's page shows beside the fields."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from uuid import UUID

from django.utils import timezone

from groups.models import Group
from integrations import wording
from integrations.contract.provider import Provider
from integrations.forms import SetupForm
from integrations.models import Connection, Probe
from integrations.selectors import Picker, pick
from integrations.services import digest_of
from integrations.services.connections import newest_passed_probe

NOT_TESTED = "Press Test first: Save works once the test has passed."
NOT_PASSED = "The test has not passed. Put right what it says, then press Test again."
TOO_OLD = "The test is older than 30 minutes. Press Test again."
OTHER_REGION = "The region was changed since the test. Press Test again."


def find_probe(posted: str, provider: str) -> Probe | None:
    """The test the form speaks of; in scope, so never another account's."""
    try:
        key = UUID(posted)
    except ValueError:
        return None
    return Probe.objects.filter(pk=key, provider=provider).first()


def teams_source(probe: Probe | None, connection: Connection | None) -> Probe | None:
    """The passed test whose teams can be chosen from."""
    if probe and probe.has_passed:
        return probe
    return newest_passed_probe(connection) if connection else None


@dataclass
class SetupPage:
    """`probe` is the test of this form, `connection` what is saved, `query` the search for teams,
    `let_go` the groups that Save would unlink, to be asked for first."""

    provider: Provider
    form: SetupForm
    connection: Connection | None = None
    probe: Probe | None = None
    query: str = ""
    refusal: str = ""
    is_just_tested: bool = False
    let_go: list[Group] = field(default_factory=list)

    @property
    def is_new(self) -> bool:
        return self.connection is None

    @property
    def stored_key(self) -> Connection | None:
        return self.connection if self.connection and self.connection.api_key_sealed else None

    @property
    def kept_key(self) -> Probe | None:
        """The passed test that holds the key for Save."""
        return self.probe if self.probe and self.probe.has_passed and self._is_fresh else None

    @property
    def _is_fresh(self) -> bool:
        return bool(self.probe and self.probe.is_valid_at(timezone.now()))

    @property
    def let_go_seen(self) -> str:
        """What a Save is bound to that was asked for: these groups and no others."""
        return digest_of(group.pk for group in self.let_go)

    @property
    def tested_region(self) -> str:
        """The region that may be saved as it is."""
        if self.probe and self.probe.has_passed:
            return self.probe.region
        return self.connection.region if self.connection else ""

    @cached_property
    def steps(self) -> list[wording.StepLine]:
        steps = self.probe.steps if self.probe else []
        return [wording.probe_step(step, self.provider.label) for step in steps]

    @cached_property
    def picker(self) -> Picker:
        return pick(
            probe=teams_source(self.probe, self.connection),
            connection=self.connection,
            chosen_ids=self.form["teams"].value() or [],
            query=self.query,
        )

    @cached_property
    def blocked(self) -> str:
        """Why Save is off; empty when it works."""
        region = self.form["region"].value()
        if self.probe and self.probe.has_passed and self.probe.api_key_sealed:
            return self._blocked_after_test(region)
        if self.stored_key and self.stored_key.region == region:
            return ""
        if self.probe:
            return NOT_PASSED
        return OTHER_REGION if self.stored_key else NOT_TESTED

    def _blocked_after_test(self, region: str) -> str:
        if self.probe.region != region:
            return OTHER_REGION
        return "" if self.probe.is_valid_at(timezone.now()) else TOO_OLD
