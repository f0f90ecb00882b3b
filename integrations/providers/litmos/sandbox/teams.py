"""Teams and who is in them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from .fields import Record
from .people import People
from .tables import Link, locked

GIVEN_ANEW = ("Id", "OriginalId", "LoginKey", "CreatedDate")


class Teams(People):
    @property
    def teams(self) -> dict[str, Record]:
        return {team_id: dict(team) for team_id, team in self._teams.items()}

    @locked
    def members(self, team_id: str) -> set[str]:
        """All of them; the API leaves out the inactive ones."""
        return {user_id for user_id, link in self._links[team_id].items() if link.is_active}

    @locked
    def in_role(self, team_id: str, role: str = "") -> list[str]:
        """Of the members, all or those who are 'leader' or 'admin'."""
        return [
            user_id
            for user_id, link in self._links[team_id].items()
            if link.is_active and (not role or getattr(link, f"is_{role}"))
        ]

    def has_team(self, team_id: str) -> bool:
        return team_id in self._teams

    @locked
    def teams_of(self, user_id: str) -> list[str]:
        return [team_id for team_id in self._teams if self.link(team_id, user_id)]

    @locked
    def add_team(self, name: str, parent_id: str = "", *, description: str = "") -> str:
        if parent_id and parent_id not in self._teams:
            raise KeyError(parent_id)
        team_id = self.ids.short()
        number = self.ids.number()
        self._teams[team_id] = {
            "Id": team_id,
            "Name": name,
            "Description": description,
            "ParentTeamId": parent_id,
            "TeamCodeForBulkImport": import_code(number, name),
            "OriginalId": number,
            "CreatedDate": self.now(),
        }
        self._links[team_id] = {}
        self.changed()
        return team_id

    @locked
    def rename_team(self, team_id: str, name: str) -> None:
        team = self._teams[team_id]
        team |= {"Name": name, "TeamCodeForBulkImport": import_code(team["OriginalId"], name)}
        self.changed()

    @locked
    def describe_team(self, team_id: str, description: str) -> None:
        self._teams[team_id]["Description"] = description

    @locked
    def delete_team(self, team_id: str) -> None:
        """Its people stay; its sub-teams move up to its own parent."""
        gone = self._teams.pop(team_id)
        del self._links[team_id]
        for team in self._teams.values():
            if team["ParentTeamId"] == team_id:
                team["ParentTeamId"] = gone["ParentTeamId"]
        self.changed()

    def link(self, team_id: str, user_id: str) -> Link | None:
        link = self._links[team_id].get(user_id)
        return link if link and link.is_active else None

    def links(self) -> Iterator[tuple[str, str, Link]]:
        """The removed ones too."""
        for team_id, links in self._links.items():
            for user_id, link in links.items():
                yield team_id, user_id, link

    @locked
    def join(self, team_id: str, user_id: str) -> None:
        if user_id not in self.rows:
            raise KeyError(user_id)
        if not self.link(team_id, user_id):
            moment = self.now()
            self._links[team_id][user_id] = Link(moment, moment)
            self.changed()

    def put_link(self, team_id: str, user_id: str, link: Link) -> None:
        self._links[team_id][user_id] = link

    @locked
    def leave(self, team_id: str, user_id: str) -> None:
        link = self.link(team_id, user_id)
        if link:
            ended = Link(link.created, self.now(), is_active=False)
            self._links[team_id][user_id] = ended
            self.changed()

    @locked
    def set_role(
        self, team_id: str, user_id: str, *, leader: bool | None = None, admin: bool | None = None
    ) -> None:
        link = self.link(team_id, user_id)
        if not link:
            raise KeyError(user_id)
        self._links[team_id][user_id] = replace(
            link,
            updated=self.now(),
            is_leader=link.is_leader if leader is None else leader,
            is_admin=link.is_admin if admin is None else admin,
        )
        self.changed()

    @locked
    def delete_user(self, user_id: str) -> None:
        super().delete_user(user_id)
        for links in self._links.values():
            links.pop(user_id, None)
        self.changed()

    @locked
    def recreate(self, user_id: str) -> str:
        """The same person deleted and entered again: same fields and teams, a new id."""
        record = self.users[user_id]
        teams = self.teams_of(user_id)
        self.delete_user(user_id)
        new_id = self.add_user(
            **{name: value for name, value in record.items() if name not in GIVEN_ANEW}
        )
        for team_id in teams:
            self.join(team_id, new_id)
        return new_id


def import_code(number: int, name: str) -> str:
    return f"{number}-{''.join(name.split()).replace(chr(39), '')}"
