"""One deliberate fault, and the tests that ought to notice it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutation:
    """`old` occurs exactly once in `file` and is replaced by `new`. `what` says in a sentence what is then
    broken. `tests` are tried first. `setup` is where it shows: "services" or "embedded"."""

    name: str
    area: str
    file: str
    what: str
    old: str
    new: str
    tests: tuple[str, ...]
    setup: str = "services"
