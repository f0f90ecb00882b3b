"""People whose records are odd in the ways that real ones are, one of each in the first forty."""

from __future__ import annotations

from typing import Any

from .fields import CUSTOM_FIELDS, Record

Oddity = dict[str, Any]

#: Each value may use the person's own fields: {FirstName}, {LastName}, {Email.upper}; {Number} is unique.
ODDITIES: dict[int, Oddity] = {
    4: {"Email": "", "UserName": "+4477009{Number}", "IsCustomUsername": True},
    7: {"Email": "{FirstName}.{LastName}@@acme"},
    11: {"Active": False},
    13: dict.fromkeys(("Skype", "PhoneWork", "Street2", "Website", *CUSTOM_FIELDS[1:])),
    15: {"CompanyName": "Acme Smith &amp; Sons", "Street2": "Building &quot;B&quot;"},
    17: {"FirstName": " {FirstName} ", "LastName": "{LastName}\t"},
    19: {"Email": "reception@acme.example"},
    21: {"Email": "{Email.upper}"},
    22: {"Email": "reception@acme.example"},
    23: {"Skype": "System.Xml.XmlElement", "Twitter": "System.Xml.XmlElement"},
    25: {"ProfileType": "External", "CompanyName": "Brightwater Staffing Partners Ltd"},
    27: {"PhoneWork": "+44 20 7946 0958 ext. 4471 (please ask for the night desk)"},
    29: {"TimeZone": "Customized Time Zone", "Culture": "english"},
    31: {"FirstName": "太郎", "LastName": "山田", "FullName": "山田 太郎"},
    33: {"FullName": "", "ExpirationDate": "2031-12-31T00:00:00Z"},
    35: {"Active": False, "Email": ""},
    37: {"JobTitle": "Senior Principal Something " * 11},
}
IN_NO_TEAM = (9, 34)
CYCLE = 97


def oddity(number: int) -> Oddity | None:
    return ODDITIES.get(number % CYCLE)


def is_in_no_team(number: int) -> bool:
    return number % CYCLE in IN_NO_TEAM


def applied(record: Record, changes: Oddity) -> Record:
    return {**record, **{name: _filled(value, record) for name, value in changes.items()}}


def _filled(value: object, record: Record) -> object:
    if not isinstance(value, str):
        return value
    text = value.replace("{Email.upper}", str(record["Email"]).upper())
    text = text.replace("{Number}", str(record["ExternalEmployeeId"])[1:])
    for name in ("FirstName", "LastName"):
        text = text.replace(f"{{{name}}}", str(record[name]))
    return text
