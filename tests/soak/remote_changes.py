"""What people may do at the source, as numbers choose: each change takes a remote and two numbers."""

from __future__ import annotations

from collections.abc import Callable, Collection

from tests.fakes import Remote

TEAM_NAMES = tuple(f"Team {number}" for number in range(6))
EMAILS = (*(f"p{number}@soak.example" for number in range(12)), "", "broken")
MANY = 14


def _pick(keys: Collection[str], number: int) -> str | None:
    ordered = sorted(keys)
    return ordered[number % len(ordered)] if ordered else None


def _next(remote: Remote, letter: str) -> str:
    remote.made = getattr(remote, "made", 0) + 1
    return f"{letter}{remote.made:04}"


def hire(remote: Remote, one: int, two: int) -> None:
    key = _next(remote, "P")
    email = EMAILS[one % len(EMAILS)] if two % 3 == 0 else f"{key.lower()}@soak.example"
    remote.person(key, email, name=f"Person {key}")
    join(remote, two, len(remote.people) - 1)


def hire_many(remote: Remote, one: int, two: int) -> None:
    for _ in range(MANY):
        hire(remote, one, 3 * two + 1)


def join(remote: Remote, one: int, two: int) -> None:
    team, person = _pick(remote.teams, one), _pick(remote.people, two)
    if team and person:
        remote.members[team].add(person)


def leave(remote: Remote, one: int, two: int) -> None:
    team = _pick(remote.teams, one)
    if team and (person := _pick(remote.members[team], two)):
        remote.members[team].discard(person)


def empty_team(remote: Remote, one: int, two: int) -> None:
    if team := _pick(remote.teams, one):
        remote.members[team].clear()


def rename(remote: Remote, one: int, two: int) -> None:
    if person := _pick(remote.people, one):
        remote.people[person]["name"] = f"Renamed {two}"


def change_email(remote: Remote, one: int, two: int) -> None:
    if person := _pick(remote.people, one):
        remote.people[person]["email"] = EMAILS[two % len(EMAILS)]


def switch(remote: Remote, one: int, two: int) -> None:
    if person := _pick(remote.people, one):
        remote.people[person]["is_active"] = two % 2 == 0


def switch_many_off(remote: Remote, one: int, two: int) -> None:
    for person in sorted(remote.people)[: MANY + one % 3]:
        remote.people[person]["is_active"] = False


def dismiss(remote: Remote, one: int, two: int) -> None:
    if person := _pick(remote.people, one):
        remote.people.pop(person)
        for members in remote.members.values():
            members.discard(person)


def dismiss_many(remote: Remote, one: int, two: int) -> None:
    for _ in range(MANY):
        dismiss(remote, 0, 0)


def recreate(remote: Remote, one: int, two: int) -> None:
    person = _pick(remote.people, one)
    if person is None:
        return
    key, teams = _next(remote, "P"), [t for t, m in remote.members.items() if person in m]
    row = remote.people[person]
    dismiss(remote, one, two)
    remote.people[key] = row
    for team in teams:
        remote.members[team].add(key)


def new_team(remote: Remote, one: int, two: int) -> None:
    free = [name for name in TEAM_NAMES if name not in remote.teams.values()]
    if free:
        remote.team(_next(remote, "T"), free[one % len(free)])


def rename_team(remote: Remote, one: int, two: int) -> None:
    free = [name for name in TEAM_NAMES if name not in remote.teams.values()]
    if free and (team := _pick(remote.teams, one)):
        remote.teams[team] = free[two % len(free)]


def delete_team(remote: Remote, one: int, two: int) -> None:
    if team := _pick(remote.teams, one):
        remote.teams.pop(team)
        remote.members.pop(team)


CHANGES: tuple[Callable[[Remote, int, int], None], ...] = (
    hire,
    hire_many,
    join,
    leave,
    empty_team,
    rename,
    change_email,
    switch,
    switch_many_off,
    dismiss,
    dismiss_many,
    recreate,
    new_team,
    rename_team,
    delete_team,
)
