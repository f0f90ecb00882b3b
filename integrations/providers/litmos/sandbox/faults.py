"""Faults to order: `name[=value][:/path][@calls]`, several with commas between them.

    500                       every call fails
    500@2                     the second call fails
    503@3-5                   the third to the fifth
    429=7@1                   the first call: 429 with Retry-After 7
    slow=2.5:/users/details   calls whose path holds this take 2.5 seconds longer
    404:/teams/AbC1/users$    `$`: the path ends here
    reset:/users?start=1000   only the page that starts at 1000
    badrecord=3@2-            from the second call on, three records can't be read

`@` counts the calls that the path lets through, from 1, for each fault by itself. All faults that
fit a call apply; of several that put another answer in its place, the first.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import parse_qsl

from .answers import ANSWERS
from .bodyfaults import BODY_FAULTS
from .exchange import Request
from .rowfaults import ROW_FAULTS, WINDOW_FAULTS

SLOW = {"slow": "the answer takes this many seconds longer (1)"}
WIRE_FAULTS = {
    "reset": "the connection is reset in the middle of the body",
    "shortbody": "the connection is closed before the announced length is sent",
    "drip": "one byte at a time, this many seconds apart (0.2)",
    "gzipbomb": "a small gzip body that unpacks to this many megabytes (200)",
}
VALUE_IS_TEXT = {"redirect", "missing_keys", "nan"}
STATUS = re.compile(r"[1-5]\d\d")
RULE = re.compile(
    r"(?P<name>[a-z0-9_]+)"
    r"(=(?P<value>.+?))?"
    r"(:(?P<path>/(?!/)[^@]*))?"
    r"(@(?P<first>\d+)(?P<range>-(?P<last>\d*))?)?"
)


class FaultError(ValueError):
    pass


@dataclass(slots=True)
class Rule:
    name: str
    value: str
    path: str
    first: int
    last: float
    seen: int = 0

    def applies(self, request: Request) -> bool:
        """Counts the call when the path fits."""
        if not self._fits(request):
            return False
        self.seen += 1
        return self.first <= self.seen <= self.last

    def _fits(self, request: Request) -> bool:
        path, _, query = self.path.lower().partition("?")
        route = request.route.lower()
        fits = route.endswith(path[:-1]) if path.endswith("$") else path in route
        asked = parse_qsl(query, keep_blank_values=True)
        return fits and all(request.query.get(name, "").lower() == text for name, text in asked)


def known_faults() -> dict[str, str]:
    """Each fault's name with what it does."""
    return {
        "401, 404, 500 .. (a status)": "this status; =n adds Retry-After: n",
        **{name: kind.summary for name, kind in ANSWERS.items()},
        **SLOW,
        **{name: kind.summary for name, kind in WINDOW_FAULTS.items()},
        **{name: kind.summary for name, kind in ROW_FAULTS.items()},
        **{name: kind.summary for name, kind in BODY_FAULTS.items()},
        **WIRE_FAULTS,
    }


def parse(text: str) -> list[Rule]:
    return [_rule(part.strip()) for part in text.split(",") if part.strip()]


def _rule(text: str) -> Rule:
    match = RULE.fullmatch(text)
    if match is None:
        raise FaultError(f"{text!r} is not a fault: write name[=value][:/path][@calls].")
    name = match["name"]
    if not STATUS.fullmatch(name) and name not in known_faults():
        known = ", ".join(list(known_faults())[1:])
        raise FaultError(f"There is no fault {name!r}. There are: a status such as 503, {known}.")
    _check_value(name, match["value"])
    first, last = _span(match)
    return Rule(name, match["value"] or "", match["path"] or "", first, last)


def _check_value(name: str, value: str | None) -> None:
    if value is None or name in VALUE_IS_TEXT:
        return
    try:
        float(value)
    except ValueError:
        raise FaultError(f"The value of {name} must be a number, not {value!r}.") from None


def _span(match: re.Match[str]) -> tuple[int, float]:
    if match["first"] is None:
        return 1, float("inf")
    first = int(match["first"])
    if match["range"] is None:
        return first, first
    return first, int(match["last"]) if match["last"] else float("inf")


class Faults:
    def __init__(self, text: str = "") -> None:
        self._lock = threading.Lock()
        self.set(text)

    def set(self, text: str) -> None:
        """Takes the place of all earlier ones; the counts begin anew."""
        rules = parse(text)
        with self._lock:
            self.text, self._rules = text, rules

    def clear(self) -> None:
        self.set("")

    def matching(self, request: Request) -> list[Rule]:
        with self._lock:
            return [rule for rule in self._rules if rule.applies(request)]


def named(rules: Iterable[Rule], names: Iterable[str]) -> list[Rule]:
    wanted = set(names)
    return [rule for rule in rules if rule.name in wanted]
