"""Litmos' records as the contract's.

Shapes as recorded from 2016 to 2025: keys come and go and change their case, null and "" mean the
same, numbers may be text. LoginKey (it logs in without a password) and Password are never looked at.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from typing import Any, TypeVar

from integrations.contract.records import (
    COURSE_NAME_LENGTH,
    EMAIL_LENGTH,
    FIELD_LENGTHS,
    ID_LENGTH,
    TEAM_NAME_LENGTH,
    CourseRecord,
    LoginRecord,
    Note,
    PersonRecord,
    Rejected,
    TeamRecord,
    fingerprint_of,
    stand_in_name,
)
from integrations.providers.litmos.addresses import normalised
from integrations.providers.litmos.cleaning import clean_text, unescaped
from integrations.providers.litmos.cultures import language_tag
from integrations.providers.litmos.timezones import iana_zone
from targets.emails import email_key

Row = dict[str, Any]
Record = TypeVar("Record")

#: The Portal's fields by the names that Litmos has for them.
PERSON_FIELDS: dict[str, str] = {
    "first_name": "FirstName",
    "last_name": "LastName",
    "name": "FullName",
    "phone_business": "PhoneWork",
    "phone_mobile": "PhoneMobile",
    "address_one": "Street1",
    "address_two": "Street2",
    "city": "City",
    "state": "State",
    "zip": "PostalCode",
    "country": "Country",
    "company": "CompanyName",
    "title": "JobTitle",
    "timezone": "TimeZone",
    "language": "Culture",
    "manager": "ManagerName",
    "optional_1": "CustomField1",
    "optional_2": "CustomField2",
    "optional_3": "CustomField3",
}
PERSON_KEYS = ("Id", "Email", "Active", *(PERSON_FIELDS[field] for field in FIELD_LENGTHS))
TEAM_KEYS = ("Id", "Name", "ParentTeamId")
COURSE_KEYS = ("Id", "Name", "Code", "Description", "Active")
COURSE_CODE_LENGTH = 255
DESCRIPTION_LENGTH = 10_000
LONGEST_NOTE = 120
LONGEST_COUNT = 9
NO_PARENT = ("", "0")
TRUTHS = {"true": True, "1": True, "false": False, "0": False}
ABSENT = (None, "")
LONGEST_REMEMBERED = 100
LONGEST_REWRITTEN = 600


class Unreadable(Exception):
    """A value is not of the kind that its key has; the message says so of the key."""


def person_record(row: Any) -> PersonRecord | Rejected:
    made = _mapped(row, PERSON_KEYS, _person)
    if isinstance(made, Rejected) or not (lacks := _absent(tuple(row))):
        return made
    return replace(made, lacks=lacks - {"name"} if made.fields["name"] else lacks)


@lru_cache(maxsize=256)
def _absent(there: tuple[str, ...]) -> frozenset[str]:
    """The Portal's fields for which a record with these keys has none."""
    spelled = zip(PERSON_FIELDS, _spelled(there, tuple(PERSON_FIELDS.values())), strict=True)
    return frozenset(field for field, name in spelled if name not in there)


def login_record(row: Any) -> LoginRecord | Rejected:
    return _mapped(row, ("Id", "UserName", "Email", "Active"), _login)


def team_record(row: Any) -> TeamRecord | Rejected:
    return _mapped(row, TEAM_KEYS, _team)


def course_record(row: Any) -> CourseRecord | Rejected:
    return _mapped(row, COURSE_KEYS, _course)


def member_id(row: Any) -> str | Rejected:
    return _mapped(row, ("Id",), _just_id)


def total_people(envelope: Row) -> int | None:
    """TotalCount of /users/paginated; None when it isn't there."""
    pagination = _value(envelope, "Pagination")
    total = _value(pagination, "TotalCount") if isinstance(pagination, dict) else None
    text = str(total) if isinstance(total, int | str) else ""
    return int(text) if text.isdecimal() and len(text) <= LONGEST_COUNT else None


def _value(row: Row, key: str) -> Any:
    return row.get(_spelled(tuple(row), (key,))[0])


def _mapped(
    row: Any, keys: tuple[str, ...], make: Callable[[str, list[Any]], Record]
) -> Record | Rejected:
    if not isinstance(row, dict):
        return Rejected("", "not a record")
    values = [row.get(name) for name in _spelled(tuple(row), keys)]
    integration_id = ""
    try:
        integration_id = _id(values[0], "Id")
        return make(integration_id, values)
    except Unreadable as error:
        return Rejected(integration_id, str(error))


@lru_cache(maxsize=256)
def _spelled(there: tuple[str, ...], keys: tuple[str, ...]) -> tuple[str, ...]:
    """Each of `keys` as the record spells it; one that is not there stays as it is."""
    by_lower_case = {name.lower(): name for name in reversed(there)}
    return tuple(name if name in there else by_lower_case.get(name.lower(), name) for name in keys)


def _just_id(integration_id: str, values: list[Any]) -> str:
    return integration_id


def _login(integration_id: str, values: list[Any]) -> LoginRecord:
    _, name, raw_email, active = values
    email = unescaped(_text(raw_email, "Email")).strip()
    return LoginRecord(
        integration_id=integration_id,
        user_name=_text(name, "UserName"),
        email_key=email_key(normalised(email)) if email else "",
        is_active=_truth(active, "Active"),
    )


def _team(integration_id: str, values: list[Any]) -> TeamRecord:
    _, name, parent = values
    parent_id = (
        "" if _text(parent, "ParentTeamId").strip() in NO_PARENT else _id(parent, "ParentTeamId")
    )
    try:
        read = _named(name, TEAM_NAME_LENGTH)
    except Unreadable:
        read = stand_in_name(integration_id)
    return TeamRecord(integration_id, read, parent_id)


def _course(integration_id: str, values: list[Any]) -> CourseRecord:
    _, name, code, description, active = values
    return CourseRecord(
        integration_id=integration_id,
        name=_named(name, COURSE_NAME_LENGTH),
        code=clean_text(_text(code, "Code"), COURSE_CODE_LENGTH)[0],
        description=clean_text(_text(description, "Description"), DESCRIPTION_LENGTH)[0],
        is_active=_truth(active, "Active"),
    )


def _person(integration_id: str, values: list[Any]) -> PersonRecord:
    notes: list[Note] = []
    is_active = _truth(values[2], "Active")
    raw_email = unescaped(_text(values[1], "Email")).strip()
    email = normalised(raw_email) if raw_email else ""
    fields = {
        field: _kept(field, value, notes) if value not in ABSENT else ""
        for field, value in zip(FIELD_LENGTHS, values[3:], strict=True)
    }
    if not fields["name"]:
        both = f"{fields['first_name']} {fields['last_name']}"
        fields["name"] = clean_text(both, FIELD_LENGTHS["name"])[0]
    return PersonRecord(
        integration_id=integration_id,
        email=email,
        email_key=email_key(email),
        is_active=is_active,
        fields=fields,
        fingerprint=fingerprint_of(email, fields),
        email_problem="" if email else ("INVALID_EMAIL" if raw_email else "NO_EMAIL"),
        raw_email=email if email == raw_email else clean_text(raw_email, EMAIL_LENGTH)[0],
        notes=tuple(notes),
    )


def _kept(field: str, value: Any, notes: list[Note]) -> str:
    """The field's text; remarks go to `notes`."""
    if isinstance(value, str) and len(value) <= LONGEST_REMEMBERED:
        text, remarks = _remembered(field, value)
    else:
        text, remarks = _cleaned(field, _text(value, PERSON_FIELDS[field]))
    notes += remarks
    return text


@lru_cache(maxsize=8192)
def _remembered(field: str, value: str) -> tuple[str, list[Note]]:
    """Cities, jobs, zones and the like are the same for many people."""
    return _cleaned(field, unescaped(value))


def _cleaned(field: str, value: str) -> tuple[str, list[Note]]:
    longest = FIELD_LENGTHS[field]
    text, is_cut = clean_text(value, longest)
    notes = [Note("SHORTENED", field, _excerpt(value))] if is_cut else []
    if field in REWRITTEN:
        text, unknown = REWRITTEN[field](clean_text(value, LONGEST_REWRITTEN)[0])
        text = text[:longest].rstrip()
        notes += [Note(unknown, field, _excerpt(value))] if unknown else []
    return text, notes


def _zone(text: str) -> tuple[str, str]:
    zone = iana_zone(text)
    return zone or text, "TIMEZONE_UNKNOWN" if text and not zone else ""


def _language(text: str) -> tuple[str, str]:
    tag = language_tag(text)
    return tag or text, "LANGUAGE_UNKNOWN" if text and not tag else ""


def _person_alone(text: str) -> tuple[str, str]:
    """Litmos writes "First Last" and, after a blank, the user name: an address, a number or a code."""
    name, _, last = text.rpartition(" ")
    is_code = " " in name and not last.isalpha() and any(map(str.isdigit, last))
    return (name if name and ("@" in last or is_code) else text), ""


#: What a text is rewritten to, and the code of a remark.
REWRITTEN: dict[str, Callable[[str], tuple[str, str]]] = {
    "timezone": _zone,
    "language": _language,
    "manager": _person_alone,
}


def _text(value: Any, key: str) -> str:
    if isinstance(value, str):
        return unescaped(value)
    if value is None:
        return ""
    if isinstance(value, int | float):
        return str(value)
    raise Unreadable(f"unreadable {key}")


def _excerpt(value: Any) -> str:
    return clean_text(str(value), LONGEST_NOTE)[0]


def _named(value: Any, longest: int) -> str:
    name = clean_text(_text(value, "Name"), longest)[0]
    if not name:
        raise Unreadable("no Name")
    return name


def _id(value: Any, key: str) -> str:
    """An id is kept to the letter or not at all: a changed one would be somebody else's."""
    text = str(value).strip() if isinstance(value, str | int) else ""
    if not text or isinstance(value, bool):
        raise Unreadable(f"no {key}" if value in (None, "") else f"unreadable {key}")
    if clean_text(text, ID_LENGTH) != (text, False):
        raise Unreadable(f"unreadable {key}")
    return text


def _truth(value: Any, key: str) -> bool:
    if isinstance(value, bool):
        return value
    known = TRUTHS.get(str(value).strip().lower()) if isinstance(value, str | int) else None
    if known is None:
        raise Unreadable(f"unreadable {key}")
    return known
