"""Which column of a file is which field."""

from __future__ import annotations

import re
from collections.abc import Sequence

from targets.selectors import FIELDS

GROUPS = "groups"
CHOICES: dict[str, str] = {**FIELDS, GROUPS: "Groups, separated by “;”"}
#: What other programs call them, without signs and case.
ALSO: dict[str, str] = {
    "mail": "email",
    "emailaddress": "email",
    "username": "email",
    "userprincipalname": "email",
    "givenname": "first_name",
    "forename": "first_name",
    "vorname": "first_name",
    "surname": "last_name",
    "familyname": "last_name",
    "nachname": "last_name",
    "fullname": "name",
    "displayname": "name",
    "phone": "phone_business",
    "telephone": "phone_business",
    "workphone": "phone_business",
    "cell": "phone_mobile",
    "mobile": "phone_mobile",
    "cellphone": "phone_mobile",
    "street": "address_one",
    "address": "address_one",
    "town": "city",
    "region": "state",
    "postcode": "zip",
    "zipcode": "zip",
    "organisation": "company",
    "organization": "company",
    "position": "title",
    "department": "optional_1",
    "locale": "language",
    "managername": "manager",
    "group": GROUPS,
    "team": GROUPS,
    "teams": GROUPS,
}


def guessed(heading: Sequence[str]) -> list[str]:
    """A field for each column, '' for none; no field twice."""
    known = {_plain(label): name for name, label in CHOICES.items()}
    known |= {_plain(name): name for name in CHOICES} | ALSO
    found: list[str] = []
    for title in heading:
        name = known.get(_plain(title), "")
        found.append("" if name in found else name)
    return found


def _plain(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", text.casefold())
