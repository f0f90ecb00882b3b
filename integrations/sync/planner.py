"""Which changes the people who were read ask for. Pure: the same input gives the same rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from integrations.sync.drafts import Context, Draft, Holder, Person, Seat, Team


def plan_person(person: Person, context: Context) -> list[Draft]:
    """The rows for one person who was read; none when nothing changes."""
    if not person.is_readable:
        return [_skip(person, "UNREADABLE", why=_first_note(person))]
    linked = context.by_id.get(person.integration_id)
    if not person.is_eligible:
        return _outsider(person, linked, context)
    holder, refusal = _resolve(person, linked, context)
    rows = [refusal] if refusal else _fields(person, linked, holder, context.kept)
    if holder is not None:
        rows += _presence(person, holder, context.teams)
    return rows


def _outsider(person: Person, linked: Holder | None, context: Context) -> list[Draft]:
    """Nobody who comes over: a row that says why, unless `plan_leaver` speaks of them."""
    if linked or not context.reports_others:
        return []
    if person.email_problem == "ERASED":
        return [_skip(person, "ERASED")]
    if not person.is_active:
        return [_skip(person, "INACTIVE_REMOTE")]
    return [_skip(person, person.email_problem or "IN_NO_TEAM")]


def _resolve(
    person: Person, linked: Holder | None, context: Context
) -> tuple[Holder | None, Draft | None]:
    """The target this person is (None: a new one), and the row that keeps their fields out, if any.

    An address that another target has now is never taken over in the same sync: whatever the order
    of writing, two targets can't meet on one address.
    """
    if person.email_problem:
        return linked, _skip(person, person.email_problem, holder=linked)
    winner = context.winners.get(person.email_key, person.integration_id)
    holder = context.by_email.get(person.email_key)
    if winner != person.integration_id:
        return linked, _taken(person, linked, winner)
    if holder is None or (linked and holder.target_id == linked.target_id):
        return linked, None
    if linked or holder.is_link_alive:
        return linked, _taken(person, linked, holder.label)
    return holder, None


def _fields(
    person: Person, linked: Holder | None, holder: Holder | None, kept: frozenset[str]
) -> list[Draft]:
    if holder is None:
        return [_create(person), *_shortened(person)]
    if linked and linked.fingerprint == person.fingerprint:
        return []
    before, after = _difference(person, holder, kept)
    reason = "" if linked else ("RECREATED" if holder.linked_id else "MATCHED_BY_EMAIL")
    if not after and not reason:
        return []
    row = _row(person, "UPDATE", holder=holder, reason=reason)
    row.before, row.after = {**before, **_identity(holder, reason)}, after
    if reason == "RECREATED":
        row.after = {**after, "integration_id": person.integration_id}
    return [row, *_shortened(person)]


def _identity(holder: Holder, reason: str) -> dict[str, str]:
    """What a link that is made or moved replaces, so that it can be put back."""
    if reason == "RECREATED":
        return {"integration_id": holder.linked_id}
    return {"source": holder.source} if reason and holder.source else {}


def _create(person: Person) -> Draft:
    row = _row(person, "CREATE")
    row.team_ids = sorted(person.teams)
    row.after = {"email": person.email, **{k: v for k, v in person.values.items() if v}}
    return row


def _difference(
    person: Person, holder: Holder, kept: frozenset[str]
) -> tuple[dict[str, str], dict[str, str]]:
    now = {"email": holder.email, **holder.values}
    then = {"email": person.email, **person.values}
    differing = [name for name, value in then.items() if now.get(name, "") != value]
    changed = [name for name in differing if name not in kept]
    return {name: now.get(name, "") for name in changed}, {name: then[name] for name in changed}


def _presence(person: Person, holder: Holder, teams: dict[str, Team]) -> list[Draft]:
    """Joins, returns and departures of a known target, as one row a group, or one for a return."""
    seats = {seat.group_id: seat for seat in holder.seats}
    joined = [
        team
        for team in (teams[team_id] for team_id in sorted(person.teams))
        if _is_joining(seats.get(team.group_id) if team.group_id else None)
    ]
    wanted = {teams[team_id].group_id for team_id in person.teams}
    left = [seat for seat in holder.seats if seat.can_leave and seat.group_id not in wanted]
    rows = _returns(person, holder, joined) if holder.is_gone else []
    rows = rows or [_join(person, holder, team, seats) for team in joined]
    return rows + [_leave(person, holder, seat, teams) for seat in left]


def _is_joining(seat: Seat | None) -> bool:
    """What an administrator switched off stays off."""
    return seat is None or (not seat.is_active and seat.is_by_sync)


def _returns(person: Person, holder: Holder, joined: list[Team]) -> list[Draft]:
    row = _row(person, "REACTIVATE", holder=holder, reason="BACK")
    row.team_ids = [team.integration_id for team in joined]
    return [row]


def _join(person: Person, holder: Holder, team: Team, seats: dict[int, Seat]) -> Draft:
    row = _row(person, "REACTIVATE" if team.group_id in seats else "CREATE", holder=holder)
    return _in_group(row, team.group_id, team.integration_id, team.name)


def _leave(person: Person, holder: Holder, seat: Seat, teams: dict[str, Team]) -> Draft:
    reason = "LEFT_TEAM" if holder.linked_id else "NOT_IN_TEAM"
    row = _row(person, "DEACTIVATE", holder=holder, reason=reason)
    team = next((team for team in teams.values() if team.group_id == seat.group_id), None)
    return _in_group(row, seat.group_id, *((team.integration_id, team.name) if team else ("", "")))


def _in_group(row: Draft, group_id: int | None, team_id: str, name: str) -> Draft:
    row.kind, row.group_id, row.team_id = "MEMBERSHIP", group_id, team_id
    row.reason_args = {"group": name}
    return row


def plan_leaver(
    holder: Holder,
    *,
    found: Person | None,
    teams: dict[int, Team],
    has_other_groups: bool,
) -> list[Draft]:
    """The rows for a linked target whose person does not come over (any more).

    `teams` maps the group ids of this run; `has_other_groups`: active in a group of this connection
    that this run leaves alone.
    """
    active = [seat for seat in holder.seats if seat.can_leave]
    if found and not found.is_readable:
        return []
    if found is None or not found.is_active:
        reason = "GONE" if found is None else "INACTIVE_REMOTE"
        return [] if holder.is_gone and not active else [_departure(holder, active, teams, reason)]
    if not active:
        return []
    if has_other_groups:
        return [_left_one(holder, seat, teams) for seat in active]
    return [_departure(holder, active, teams, "NO_TEAM")]


def _departure(
    holder: Holder, active: Iterable[Seat], teams: dict[int, Team], reason: str
) -> Draft:
    row = _target_row("PERSON", holder, reason)
    row.team_ids = sorted(teams[s.group_id].integration_id for s in active if s.group_id in teams)
    row.before = {"groups": sorted(teams[s.group_id].name for s in active if s.group_id in teams)}
    return row


def _left_one(holder: Holder, seat: Seat, teams: dict[int, Team]) -> Draft:
    team = teams[seat.group_id]
    row = _target_row("MEMBERSHIP", holder, "LEFT_TEAM")
    return _in_group(row, seat.group_id, team.integration_id, team.name)


def plan_stranger(holder: Holder, *, group_id: int, team: Team) -> Draft:
    """The row for somebody active in a group of this run whom the provider does not know."""
    row = _target_row("MEMBERSHIP", holder, "NOT_IN_TEAM")
    return _in_group(row, group_id, team.integration_id, team.name)


def value_notes(person: Person) -> Iterator[tuple[str, str]]:
    """(code, value) of the values that could not be read, told once per value by the caller."""
    for code, _field, value in person.notes:
        if code not in ("SHORTENED", "UNREADABLE"):
            yield code, value


def _shortened(person: Person) -> list[Draft]:
    names = [field for code, field, _ in person.notes if code == "SHORTENED"]
    if not names:
        return []
    row = _row(person, "WARN", reason="SHORTENED")
    row.kind, row.outcome, row.reason_args = "NOTE", "SKIPPED", {"fields": names}
    return [row]


def _first_note(person: Person) -> str:
    return person.notes[0][2] if person.notes else ""


def _taken(person: Person, linked: Holder | None, by: str) -> Draft:
    return _skip(person, "EMAIL_TAKEN", holder=linked, by=by)


def _skip(person: Person, reason: str, *, holder: Holder | None = None, **args: str) -> Draft:
    row = _row(person, "SKIP", holder=holder, reason=reason)
    row.outcome = "SKIPPED"
    row.reason_args = {key: value for key, value in args.items() if value}
    return row


def _row(person: Person, action: str, *, holder: Holder | None = None, reason: str = "") -> Draft:
    return Draft(
        kind="PERSON",
        action=action,
        reason=reason,
        integration_id=person.integration_id,
        label=person.label,
        detail=person.email or person.raw_email,
        target_id=holder.target_id if holder else None,
    )


def _target_row(kind: str, holder: Holder, reason: str) -> Draft:
    return Draft(
        kind=kind,
        action="DEACTIVATE",
        reason=reason,
        integration_id=holder.linked_id,
        label=holder.label,
        detail=holder.email,
        target_id=holder.target_id,
    )
