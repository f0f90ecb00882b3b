"""The people of the tenant and what can happen to them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from .fields import AT, BLANK_USER, USER_FIELDS, Record, Row
from .tables import Tables, guid, locked

LOGIN_ADDRESS = "https://acme.litmos.com/login.aspx?loginkey="
ID, USER_NAME, FULL_NAME, ACTIVE = AT["Id"], AT["UserName"], AT["FullName"], AT["Active"]


def as_text(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


class Records(Mapping[str, Record]):
    """The rows as dictionaries of 53 keys, made when asked for: a row alone is much smaller."""

    def __init__(self, rows: dict[str, Row]) -> None:
        self._rows = rows

    def __getitem__(self, user_id: str) -> Record:
        return dict(zip(USER_FIELDS, self._rows[user_id], strict=True))

    def __iter__(self) -> Iterator[str]:
        return iter(tuple(self._rows))

    def __len__(self) -> int:
        return len(self._rows)


class People(Tables):
    @property
    def users(self) -> Records:
        return Records(self.rows)

    @locked
    def add_user(self, /, **fields: object) -> str:
        """Fields by their Litmos names. UserName falls back to the e-mail, made unique."""
        refuse_unknown(fields)
        user_id = str(fields.pop("Id", "") or self.ids.long())
        moment = self.now()
        record = {
            **BLANK_USER,
            "OriginalId": self.ids.number(),
            "LoginKey": LOGIN_ADDRESS + guid(self.ids.random),
            "CreatedDate": as_text(moment),
            **fields,
            "Id": user_id,
        }
        record["UserName"] = record["UserName"] or self._free_name(str(record["Email"] or ""))
        record["FullName"] = record["FullName"] or full_name(record)
        self.put_row([record[name] for name in USER_FIELDS])
        self._updated[user_id] = moment
        return user_id

    def put_row(self, row: Row) -> None:
        self._claim_name(row[USER_NAME], row[ID])
        self.rows[row[ID]] = row
        self.changed()

    @locked
    def update_user(self, user_id: str, /, **fields: object) -> None:
        """FullName follows first and last name unless it is given."""
        refuse_unknown(fields)
        old = self.users[user_id]
        record = {**old, **fields, "Id": user_id}
        if {"FirstName", "LastName"} & fields.keys() and "FullName" not in fields:
            record["FullName"] = full_name(record)
        if record["UserName"] != old["UserName"]:
            self._claim_name(record["UserName"], user_id)
            self._release_name(old["UserName"], user_id)
        self.rows[user_id] = [record[name] for name in USER_FIELDS]
        self._updated[user_id] = self.now()
        self.changed()

    def deactivate(self, user_id: str) -> None:
        self.update_user(user_id, Active=False)

    def reactivate(self, user_id: str) -> None:
        self.update_user(user_id, Active=True)

    @locked
    def delete_user(self, user_id: str) -> None:
        """For good: no feed tells of it."""
        row = self.rows.pop(user_id)
        self._release_name(row[USER_NAME], user_id)
        self._updated.pop(user_id, None)
        self._assigned.pop(user_id, None)
        self.changed()

    def user_id(self, id_or_name: str) -> str | None:
        """The id for an id or, in any case of letters, a user name."""
        if id_or_name in self.rows:
            return id_or_name
        return self._id_by_name.get(id_or_name.casefold())

    def updated(self, user_id: str) -> datetime:
        created = datetime.fromisoformat(self.rows[user_id][AT["CreatedDate"]])
        return self._updated.get(user_id, created)

    def _claim_name(self, name: str, user_id: str) -> None:
        if self._id_by_name.setdefault(name.casefold(), user_id) != user_id:
            raise ValueError(f"UserName already exists: {name}")

    def _release_name(self, name: str, user_id: str) -> None:
        if self._id_by_name.get(name.casefold()) == user_id:
            del self._id_by_name[name.casefold()]

    def _free_name(self, wanted: str) -> str:
        name, number = wanted or "person", 1
        while name.casefold() in self._id_by_name:
            number += 1
            name = f"{number}.{wanted or 'person'}"
        return name


def refuse_unknown(fields: Mapping[str, object]) -> None:
    unknown = sorted(fields.keys() - AT.keys())
    if unknown:
        raise TypeError(f"Not fields of a Litmos user: {', '.join(unknown)}")


def full_name(record: Record) -> str:
    return f"{record['FirstName'] or ''} {record['LastName'] or ''}".strip()
