"""The same histories, night by night through the lists of changes: the whole Portal equals the rules after
each night, deletes included, and most nights really read changes alone."""

from __future__ import annotations

import os
from collections import Counter

import pytest

from integrations import budget
from integrations.contract.secret import Secret
from integrations.models import Mirror, SyncRun
from integrations.providers.litmos.client import LitmosClient
from integrations.providers.litmos.limits import Limits
from integrations.providers.litmos.sandbox import Sandbox
from tests.integrations.sync.test_histories import History
from tests.passes import spread, thorough

pytestmark = pytest.mark.django_db

HISTORIES = 12
THOROUGH_HISTORIES = int(os.environ.get("CHANGES_HISTORIES", "48"))
BLOCK = 2
#: Small enough that reading changes is fewer calls than reading everybody.
PAGE_SIZE = 3


class Nights(History):
    def __init__(self, seed: int, url: str, sandbox: Sandbox) -> None:
        super().__init__(seed, "us", sandbox)
        self.url = url
        self.ways: Counter[str] = Counter()

    def trigger(self) -> str:
        Mirror.objects.update(agreed=100)
        return "AUTO"

    def session(self) -> LitmosClient:
        return LitmosClient(
            base_url=self.url,
            api_key=Secret(self.sandbox.api_key),
            budget=budget.for_key(f"history{self.account.pk}", "SYNC"),
            limits=Limits(page_size=PAGE_SIZE),
        )

    def sync_and_compare(self) -> SyncRun:
        run = super().sync_and_compare()
        self.ways[run.reading["way"]] += 1
        return run


@pytest.mark.parametrize(
    "first",
    [
        *spread(range(0, HISTORIES, BLOCK)),
        *thorough(range(HISTORIES, THOROUGH_HISTORIES, BLOCK)),
    ],
)
def test_nights_of_changes_lead_to_what_the_rules_say(first, settings):
    settings.LITMOS_RATE = "100000/60"
    ways: Counter[str] = Counter()
    for seed in range(first, first + BLOCK):
        sandbox = Sandbox(users=0, teams=0, courses=0, seed=seed, rate=None)
        with sandbox.serve() as server:
            nights = Nights(seed, server.url, sandbox)
            nights.play()
            ways += nights.ways
    assert ways["CHANGES"] >= BLOCK / 2
