"""The groups to choose in the setup form: a list up to 250 of them, above that a search."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field

from integrations.models import Connection, Probe

LIST_UP_TO = 250
MOST_HITS = 50
SHORTEST_QUERY = 2


@dataclass(frozen=True, slots=True)
class Team:
    """`is_missing`: chosen earlier, and no longer there."""

    id: str
    path: str
    is_chosen: bool = False
    is_missing: bool = False


@dataclass(frozen=True, slots=True)
class Picker:
    """`chosen` are the chips of a search, `shown` the list or the hits, `more` the hits left out.
    `total` is None while no test has loaded the teams."""

    total: int | None = None
    query: str = ""
    chosen: list[Team] = field(default_factory=list)
    shown: list[Team] = field(default_factory=list)
    more: int = 0

    @property
    def is_search(self) -> bool:
        return self.total is not None and self.total > LIST_UP_TO

    @property
    def is_query_short(self) -> bool:
        return 0 < len(self.query) < SHORTEST_QUERY

    @property
    def has_looked(self) -> bool:
        return len(self.query) >= SHORTEST_QUERY


def known_teams(probe: Probe | None, connection: Connection | None) -> dict[str, str]:
    """The path of every team that may be chosen, by id: those of the test, then those chosen earlier."""
    teams = {team["id"]: team["path"] for team in probe.teams} if probe else {}
    return {**_chosen_earlier(connection), **teams}


def _chosen_earlier(connection: Connection | None) -> dict[str, str]:
    if connection is None or connection.pk is None:
        return {}
    return dict(connection.chosen_teams.order_by("name").values_list("integration_id", "name"))


def pick(
    *,
    probe: Probe | None,
    connection: Connection | None,
    chosen_ids: Iterable[str],
    query: str = "",
) -> Picker:
    """What the form shows of the teams. Without a passed test it can't be chosen from."""
    if probe is None:
        return Picker()
    there = {team["id"]: team["path"] for team in probe.teams}
    names = known_teams(probe, connection)
    wanted = [key for key in dict.fromkeys(chosen_ids) if key in names]
    chosen = [Team(key, names[key], is_chosen=True, is_missing=key not in there) for key in wanted]
    if len(there) <= LIST_UP_TO:
        return Picker(total=len(there), shown=_list(there, chosen))
    hits = _hits(there, query, set(wanted))
    return Picker(len(there), query, chosen, hits[:MOST_HITS], max(0, len(hits) - MOST_HITS))


def _list(there: dict[str, str], chosen: list[Team]) -> list[Team]:
    missing = [team for team in chosen if team.is_missing]
    ids = {team.id for team in chosen}
    return [*missing, *(Team(key, path, is_chosen=key in ids) for key, path in there.items())]


def _hits(there: dict[str, str], query: str, chosen: set[str]) -> list[Team]:
    """Those whose path has the text, first those that begin with it."""
    wanted = _folded(query)
    if len(query) < SHORTEST_QUERY:
        return []
    found = [
        Team(key, path)
        for key, path in there.items()
        if wanted in _folded(path) and key not in chosen
    ]
    return sorted(found, key=lambda team: not _folded(team.path).startswith(wanted))


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()
