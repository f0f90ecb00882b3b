"""What a call may cost."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Times in seconds; `wall_seconds` is a whole call's, from connecting to the last byte. No try begins
    later than `retry_seconds` after the first one, so that all of them end before a worker counts as
    lost (`LEASE_SECONDS`)."""

    connect_seconds: float = 5
    read_seconds: float = 30
    wall_seconds: float = 40
    retry_seconds: float = 60
    largest_body: int = 10_000_000
    tries: int = 3
    longest_pause_seconds: float = 3
    page_size: int = 1000
    most_ahead: int = 4
    most_pages: int = 5000
