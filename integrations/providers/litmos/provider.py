"""Litmos as the Store knows it."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

from django.conf import settings

from integrations.contract.errors import Credentials, Fatal
from integrations.contract.provider import Budget, Capability, ProbeResult, ProbeStep, Region
from integrations.contract.records import CompletionRecord, Rejected
from integrations.contract.secret import Secret
from integrations.providers.litmos.client import LitmosClient
from integrations.providers.litmos.limits import Limits
from integrations.providers.litmos.probe import Probe
from integrations.providers.litmos.progress import completion_record
from integrations.providers.litmos.regions import BUILT_IN, is_on_this_machine, parse_regions

#: Somebody waits in front of the page: one try a call, and an end to it all.
PROBE_LIMITS = replace(Limits(), read_seconds=15, wall_seconds=20, tries=1)
PROBE_SECONDS = 45.0


class Litmos:
    key = "litmos"
    label = "Litmos"
    sentence = (
        "Brings teams, people and courses from the Litmos LMS into groups, targets and courses."
    )
    logo = "integrations/litmos.svg"
    key_hint = "You find it in Litmos under Account Settings > Litmos Features > API."
    capabilities = frozenset(Capability)

    def regions(self) -> tuple[Region, ...]:
        """Raises BadRegion, a ValueError, when LITMOS_EXTRA_REGIONS can't be used."""
        return BUILT_IN + parse_regions(settings.LITMOS_EXTRA_REGIONS)

    def connect(
        self, *, region: str, api_key: Secret, budget: Budget, seconds: float | None = None
    ) -> LitmosClient:
        return LitmosClient(
            base_url=self._region(region).base_url,
            api_key=api_key,
            budget=budget,
            limits=None if seconds is None else PROBE_LIMITS,
            until=float("inf") if seconds is None else time.monotonic() + seconds,
        )

    def probe(self, *, region: str, api_key: Secret, budget: Budget) -> ProbeResult:
        until = time.monotonic() + PROBE_SECONDS

        def connect(place: Region) -> LitmosClient:
            return LitmosClient(
                base_url=place.base_url,
                api_key=api_key,
                budget=budget,
                limits=PROBE_LIMITS,
                until=until,
            )

        try:
            place = self._region(region)
            return Probe(connect=connect, region=place, others=self._others(place)).run()
        except Credentials as error:
            return _failed("KEY", error.code)
        except Fatal as error:
            return _failed("HOST", error.code)

    def completion_in(self, payload: dict[str, Any]) -> CompletionRecord | None:
        """`achievement.earned` of a course; one of a learning path has no courseId and is passed over."""
        data = payload.get("data")
        if payload.get("type") != "achievement.earned" or not isinstance(data, dict):
            return None
        if not data.get("courseId"):
            return None
        record = completion_record(data)
        if isinstance(record, Rejected):
            raise ValueError(record.reason)
        return record

    def _region(self, key: str) -> Region:
        for region in self.regions():
            if region.key == key:
                return region
        raise Fatal("wrong_site", f"there is no region “{key}” any more")

    def _others(self, place: Region) -> list[Region]:
        """A key of the rehearsal stays on this machine, and one of Litmos never goes to a rehearsal."""
        is_here = is_on_this_machine(place)
        return [
            region
            for region in self.regions()
            if region.key != place.key and is_on_this_machine(region) == is_here
        ]


def _failed(step: str, code: str) -> ProbeResult:
    return ProbeResult((ProbeStep(step, passed=False, code=code),))
