"""Faults that `scripts/mutations.py` puts into the code, one at a time, to see whether the tests notice."""

from tests.mutations import budgets, doors, migrating, planning, remedying, storing
from tests.mutations.mutation import Mutation

MUTATIONS: tuple[Mutation, ...] = (
    *planning.MUTATIONS,
    *storing.MUTATIONS,
    *budgets.MUTATIONS,
    *migrating.MUTATIONS,
    *doors.MUTATIONS,
    *remedying.MUTATIONS,
)
