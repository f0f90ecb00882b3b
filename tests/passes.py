"""What `make test` spreads over its two passes, since doing it in both would tell little more."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest


def spread(values: Iterable[Any]) -> list[Any]:
    """For `parametrize`: one on the embedded set-up, the next on PostgreSQL and Redis, and so on."""
    marks = (pytest.mark.once, pytest.mark.services)
    return [_param(value, marks[place % 2]) for place, value in enumerate(values)]


def _param(value: Any, mark: Any) -> Any:
    values = value if isinstance(value, tuple) else (value,)
    return pytest.param(*values, marks=mark)
