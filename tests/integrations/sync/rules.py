"""The rules of a sync once more, person by person and in plain dicts: the engine's result must equal
this one's. It covers manual syncs of all teams, which is what the generated histories run."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass
class World:
    """The Portal by the rules. `groups`: name → {"team", "remote", "gone"}; `targets`: e-mail →
    {"id", "gone", "name"}; `seats`: (group, e-mail) → [is active, is by a sync]; `kept` are the
    seats that an administrator keeps; without `has_limits` no number of removals is too many."""

    groups: dict[str, dict] = field(default_factory=dict)
    targets: dict[str, dict] = field(default_factory=dict)
    seats: dict[tuple[str, str], list[bool]] = field(default_factory=dict)
    kept: set[tuple[str, str]] = field(default_factory=set)
    has_limits: bool = True

    def result(self) -> dict:
        return {
            "groups": {name: group["team"] for name, group in self.groups.items()},
            "targets": {key: (t["name"], t["gone"]) for key, t in self.targets.items()},
            "seats": {place: active for place, (active, _) in self.seats.items()},
        }

    def sync(self, people: dict[str, dict], teams: dict[str, str], members: dict[str, set]) -> None:
        """`people`: id → {"email" valid or "", "name", "is_active"}."""
        Pass(self, people, teams, members).run()


@dataclass
class Pass:
    world: World
    people: dict[str, dict]
    teams: dict[str, str]
    members: dict[str, set]
    removals: list[tuple[str, str, list[str]]] = field(default_factory=list)
    is_half_gone: bool = False

    def run(self) -> None:
        """Without a team to follow nobody is read, so nothing is known of anybody."""
        linked = [t for t in self.world.targets.values() if t["id"] and not t["gone"]]
        if not (self.teams or self._gone_groups()) or self._holds_everything(linked):
            return
        before = {key: dict(t) for key, t in self.world.targets.items()}
        groups = self._groups()
        self._people(groups, before)
        gone = self._gone_groups()
        self._leavers(groups, gone, before)
        self._guard(groups, gone, before)

    def _holds_everything(self, linked: list[dict]) -> bool:
        if linked and not self.people:
            return True
        seen = sum(target["id"] in self.people for target in linked)
        ever = {target["id"] for target in self.world.targets.values()}
        strangers = [k for k, row in self.people.items() if row["is_active"] and k not in ever]
        self.is_half_gone = self.world.has_limits and 10 < len(linked) > 2 * seen
        return self.is_half_gone and len(strangers) > seen

    def _groups(self) -> dict[str, str]:
        """Team id → the name its group has in the end; renames and adoptions use names free before."""
        world, taken, result = self.world, set(self.world.groups), {}
        by_team = {g["team"]: name for name, g in world.groups.items() if g["team"]}
        for team in sorted(self.teams, key=lambda t: (t not in by_team, t)):
            wanted, old = self.teams[team], by_team.get(team)
            if old:
                group = world.groups[old]
                group["gone"] = False
                result[team] = (
                    self._rename(old, wanted, taken) if group["remote"] != wanted else old
                )
            elif wanted in world.groups and not world.groups[wanted]["team"]:
                world.groups[wanted].update(team=team, remote=wanted, gone=False)
                result[team] = wanted
            else:
                result[team] = self._make(team, wanted, taken)
        return result

    def _make(self, team: str, wanted: str, taken: set[str]) -> str:
        name, number = wanted, 2
        while name in taken or name in self.world.groups:
            name, number = f"{wanted} ({number})", number + 1
        self.world.groups[name] = {"team": team, "remote": wanted, "gone": False}
        taken.add(name)
        return name

    def _rename(self, old: str, wanted: str, taken: set[str]) -> str:
        if wanted in taken:
            return old
        world = self.world
        taken.add(wanted)
        world.groups[wanted] = {**world.groups.pop(old), "remote": wanted}
        for group, email in [place for place in world.seats if place[0] == old]:
            self._move((group, email), (wanted, email))
        return wanted

    def _move(self, place: tuple[str, str], to: tuple[str, str]) -> None:
        self.world.seats[to] = self.world.seats.pop(place)
        if place in self.world.kept:
            self.world.kept = self.world.kept - {place} | {to}

    def _teams_of(self, person: str) -> set[str]:
        return {team for team in self.teams if person in self.members.get(team, ())}

    def _coming(self) -> list[str]:
        active = [key for key, row in self.people.items() if row["is_active"]]
        return sorted(key for key in active if self._teams_of(key))

    def _people(self, groups: dict[str, str], before: dict[str, dict]) -> None:
        coming = self._coming()
        targets = {t["id"]: email for email, t in before.items() if t["id"]}
        moves = {key: self._resolve(key, coming, targets, before) for key in coming}
        for key, (old, new) in moves.items():
            if new is None:
                continue
            self._write(key, old, new)
        by_id = {t["id"]: email for email, t in self.world.targets.items() if t["id"]}
        for key in coming:
            if key in by_id:
                self._seat(by_id[key], {groups[team] for team in self._teams_of(key)})

    def _resolve(
        self, key: str, coming: Iterable[str], targets: dict[str, str], before: dict[str, dict]
    ) -> tuple[str | None, str | None]:
        """(the e-mail of the target now, the one it gets); None for the second: fields stay."""
        email, mine = self.people[key]["email"], targets.get(key)
        rivals = [other for other in coming if self.people[other]["email"] == email]
        if not email or key != min(rivals, key=lambda k: (k not in targets, k)):
            return mine, None
        holder = before.get(email)
        if holder is None or mine == email:
            return mine, email
        if mine or self._is_alive(holder["id"]):
            return mine, None
        return email, email

    def _is_alive(self, key: str) -> bool:
        return bool(key) and key in self.people and self.people[key]["is_active"]

    def _write(self, key: str, old: str | None, new: str) -> None:
        world = self.world
        row = world.targets.pop(old) if old else {}
        world.targets[new] = {**row, "id": key, "gone": False, "name": self.people[key]["name"]}
        for group, email in [place for place in world.seats if place[1] == old and old != new]:
            self._move((group, email), (group, new))

    def _seat(self, email: str, wanted: set[str]) -> None:
        world = self.world
        world.targets[email]["gone"] = False
        for group in wanted:
            seat = world.seats.setdefault((group, email), [True, True])
            if not seat[0] and seat[1]:
                seat[0] = True
        followed = {name for name, g in world.groups.items() if g["team"]}
        for group, whom in list(world.seats):
            if whom == email and group in followed - wanted and self._can_leave(group, whom):
                self.removals.append(("LEFT", email, [group]))

    def _can_leave(self, group: str, email: str) -> bool:
        place = (group, email)
        return self.world.seats.get(place, [False])[0] and place not in self.world.kept

    def _gone_groups(self) -> set[str]:
        rows = self.world.groups.items()
        return {n for n, g in rows if g["team"] and g["team"] not in self.teams and not g["gone"]}

    def _leavers(self, groups: dict[str, str], gone: set[str], before: dict[str, dict]) -> None:
        world, coming = self.world, set(self._coming())
        followed = set(groups.values()) | gone
        for email, target in world.targets.items():
            if target["id"] in coming:
                continue
            active = [g for g in sorted(followed) if self._can_leave(g, email)]
            if target["id"] and not self._is_alive(target["id"]):
                if active or not target["gone"]:
                    self.removals.append(("GONE", email, active))
            elif target["id"] and active:
                self.removals.append(("NO_TEAM", email, active))
            else:
                self.removals += [("STRANGER", email, [group]) for group in active]

    def _guard(self, groups: dict[str, str], gone: set[str], before: dict[str, dict]) -> None:
        world = self.world
        active = self._active_before
        people = sum(kind in ("GONE", "NO_TEAM") and bool(g) for kind, _, g in self.removals)
        has_limits = world.has_limits
        if self.is_half_gone:
            return
        if has_limits and people > 10 and (people > 0.2 * active or people > 500):
            return
        emptied = {groups[team] for team in self.teams if not self._active_members(team)}
        leaving: dict[str, int] = {}
        for _, _, names in self.removals:
            for name in names:
                leaving[name] = leaving.get(name, 0) + 1
        too_many = {
            name
            for name, number in leaving.items()
            if has_limits and number > 10 and number > 0.5 * self._active_in[name]
        }
        linked = sum(bool(g["team"]) and not g["gone"] for g in world.groups.values())
        many_teams = has_limits and len(gone) > 3 and len(gone) > 0.2 * linked
        touched = set(gone) if many_teams else set()
        for kind, email, names in self.removals:
            held = set(names) & too_many or (many_teams and set(names) & gone)
            held = held or (kind != "GONE" and set(names) & emptied)
            if held:
                touched |= set(names)
                continue
            for name in names:
                world.seats[name, email] = [False, True]
            if kind == "GONE":
                world.targets[email]["gone"] = True
        for name in gone - touched:
            world.groups[name]["gone"] = True

    def _active_members(self, team: str) -> list[str]:
        return [k for k in self.members.get(team, ()) if self.people.get(k, {}).get("is_active")]

    def __post_init__(self) -> None:
        self._remember()

    def _remember(self) -> None:
        world = self.world
        followed = {name for name, g in world.groups.items() if g["team"]}
        on = {place for place, (active, _) in world.seats.items() if active}
        self._active_before = len({email for group, email in on if group in followed})
        self._active_in: dict[str, int] = {}
        for group, _ in on:
            self._active_in[group] = self._active_in.get(group, 0) + 1
