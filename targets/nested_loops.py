"""How PostgreSQL is to carry out a statement that goes through many rows."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection as database


@contextmanager
def without_nested_loops(cursor: Any) -> Iterator[None]:
    """PostgreSQL expects one row where an id, a fingerprint and an address have to be equal, as if they had
    nothing to do with each other, and would look each of a hundred thousand people up one by one. To be
    used in a transaction, and not within itself."""
    if database.vendor != "postgresql":
        yield
        return
    cursor.execute("SET LOCAL enable_nestloop = off")
    yield
    cursor.execute("SET LOCAL enable_nestloop = on")
