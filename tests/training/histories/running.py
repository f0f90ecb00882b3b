"""Plays as many histories as are wanted; the shortest one that breaks a rule is printed."""

from __future__ import annotations

from typing import Protocol

import hypothesis
from hypothesis import HealthCheck, Phase, given, reproduce_failure, settings

from tests.training.histories.plan import Step, World, steps, worlds


class Plays(Protocol):
    def play(self, world: World, steps: list[Step]) -> None: ...


def play_many(
    stage: Plays, number: int, *, is_random: bool, is_shrunk: bool = True, blob: str = ""
) -> None:
    """`blob`: play again the one that a failure has printed."""
    size = settings(
        max_examples=number,
        deadline=None,
        derandomize=not is_random,
        database=None,
        print_blob=True,
        phases=(Phase.generate, Phase.shrink) if is_shrunk else (Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )

    @size
    @given(world=worlds, history=steps)
    def histories(world: World, history: list[Step]) -> None:
        stage.play(world, history)

    if blob:
        histories = reproduce_failure(hypothesis.__version__, blob.encode())(histories)
    histories()
