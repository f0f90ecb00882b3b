"""Generated histories of remediation against the rehearsal Litmos' own record. HISTORIES says how many;
a failure names its seed and what happened, and HISTORY=seed plays that one alone."""

from __future__ import annotations

import os

import pytest
import time_machine
from django.db import transaction
from django_scopes import scope

from integrations.providers.litmos.sandbox import Sandbox
from tests.training.histories import places
from tests.training.histories.dying import Doomed, Fate
from tests.training.histories.history import DONE, History
from training.services import importing, working

pytestmark = [pytest.mark.django_db, pytest.mark.timeout(0)]
HISTORIES = int(os.environ.get("HISTORIES", "40"))
ONE = os.environ.get("HISTORY", "")
BLOCKS, STEPS = 4, 40


@pytest.fixture
def sandbox(settings):
    made = Sandbox(users=0, teams=0, courses=0, rate=None)
    with made.serve() as serving:
        settings.LITMOS_EXTRA_REGIONS = f"Rehearsal={serving.url}"
        settings.LITMOS_RATE = "100000/60"
        yield made


@pytest.fixture
def fate(monkeypatch):
    made, connect = Fate(), working.connect_to
    monkeypatch.setattr(working, "connect_to", lambda *words: Doomed(connect(*words), made))
    return made


@pytest.mark.parametrize("block", range(BLOCKS))
def test_histories(block, sandbox, fate, monkeypatch):
    seeds = [int(ONE)] if ONE else range(block, HISTORIES, BLOCKS)
    for seed in seeds:
        monkeypatch.setattr(importing, "FEWEST", 2 if seed % 2 else 250)
        with transaction.atomic():
            play(seed, sandbox, fate)
            transaction.set_rollback(True)


def play(seed: int, sandbox: Sandbox, fate: Fate) -> None:
    with time_machine.travel("2026-03-01 08:00:00+00:00", tick=True) as clock:
        history = History(seed, sandbox, clock, fate)
        with scope(account=history.account):
            places.fill(history)
            try:
                history.play(STEPS)
            except BaseException as error:
                error.add_note(f"HISTORY={seed}: {' '.join(history.log)}")
                raise
    DONE["histories"] += 1
