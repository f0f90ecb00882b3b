"""What lists are filtered and sorted by, and how they are cut into pages."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from .exchange import Listing, Refused, Request
from .fields import AT, Row

DEFAULT_LIMIT = 100
MAX_LIMIT = 1000
LONGEST_RANGE = timedelta(days=7)
MOMENT = re.compile(r"\d{4}-\d\d-\d\d( \d\d:\d\d(:\d\d)?)?")
SEARCHED = tuple(AT[name] for name in ("UserName", "FirstName", "LastName", "Email", "CompanyName"))
FIRST_NAME, ACTIVE, CREATED = AT["FirstName"], AT["Active"], AT["CreatedDate"]


def collated(value: object) -> str:
    """As SQL Server compares: the case of letters and trailing blanks make no difference."""
    return str("" if value is None else value).rstrip().casefold()


def number(query: Mapping[str, str], name: str, default: int, least: int) -> int:
    text = query.get(name, "")
    if text and not re.fullmatch(r"-?\d{1,9}", text):
        raise Refused(400, f"Invalid {name}")
    value = int(text) if text else default
    if value < least:
        raise Refused(400, f"Invalid {name}")
    return value


def window(request: Request, listing: Listing) -> tuple[int, int]:
    limit = number(request.query, "limit", DEFAULT_LIMIT, 1)
    if limit > MAX_LIMIT and listing.refuses_high_limit:
        raise Refused(406, f"limit must not be above {MAX_LIMIT}")
    return number(request.query, "start", 0, 0), min(limit, MAX_LIMIT)


def moment(request: Request, name: str, *, is_required: bool = True) -> datetime | None:
    text = request.query.get(name, "").strip()
    if not text and not is_required:
        return None
    try:
        if not MOMENT.fullmatch(text):
            raise ValueError(text)
        return datetime.fromisoformat(text).replace(tzinfo=UTC)
    except ValueError:
        raise Refused(406, f"Invalid {name} date") from None


def week(request: Request) -> tuple[datetime, datetime]:
    since, to = moment(request, "since"), moment(request, "to")
    if since is None or to is None or not timedelta() <= to - since <= LONGEST_RANGE:
        raise Refused(406, "The date range must not be longer than 7 days")
    return since, to


def chosen(rows: Mapping[str, Row], request: Request) -> list[str]:
    """The ids of the people that the query asks for, in its order."""
    found: Sequence[Row] = list(rows.values())
    if not request.flag("showinactive", default=True):
        found = [row for row in found if row[ACTIVE]]
    search = request.query.get("search", "").casefold()
    if search:
        found = [row for row in found if any(search in collated(row[at]) for at in SEARCHED)]
    since = moment(request, "since", is_required=False)
    if since:
        after = since.strftime("%Y-%m-%dT%H:%M:%SZ")
        found = [row for row in found if row[CREATED] > after]
    return [row[0] for row in in_order(found, request)]


def in_order(rows: Sequence[Row], request: Request) -> list[Row]:
    at = column(request)
    descending = request.query.get("dir", "").lower() == "desc"
    return sorted(rows, key=lambda row: collated(row[at]), reverse=descending)


def column(request: Request) -> int:
    wanted = request.query.get("sort", "").lower()
    return next((at for name, at in AT.items() if name.lower() == wanted), FIRST_NAME)


def by_name(records: Sequence[Any], request: Request, search_in: tuple[str, ...]) -> list[Any]:
    search = request.query.get("search", "").casefold()
    if search:
        records = [
            record
            for record in records
            if any(search in str(record[name]).casefold() for name in search_in)
        ]
    return sorted(records, key=lambda record: collated(record["Name"]))


def user_rank(rows: Mapping[str, Row], request: Request) -> Callable[[str], str]:
    at = column(request)
    return lambda user_id: collated(rows[user_id][at])
