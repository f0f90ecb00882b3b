"""By which way many people are enrolled with the fewest calls."""

from __future__ import annotations

from dataclasses import dataclass

from integrations.contract.provider import MOST_IMPORTED, MOST_READ_AT_ONCE

PAGE = 1000


@dataclass(frozen=True, slots=True)
class Wave:
    """`people` to be enrolled in `courses`, of whom `unknown` have no id yet, at an LMS of `size` people.
    `has_logins`: all logins were read a short while ago."""

    people: int
    unknown: int
    courses: int
    size: int
    has_logins: bool = False

    @property
    def calls_singly(self) -> int:
        """Look up, ask, and read back."""
        return self.unknown + self.people + _pages(self.people, MOST_READ_AT_ONCE)

    @property
    def calls_by_import(self) -> int:
        """Logins, codes of the courses, what is there before, the imports, and what is there after."""
        logins = 0 if self.has_logins else _pages(self.size, PAGE)
        return (
            logins
            + self.courses
            + _pages(self.people, MOST_IMPORTED)
            + 2 * looking(self.people, self.courses, self.size)
        )

    @property
    def is_imported(self) -> bool:
        return self.calls_by_import < self.calls_singly


def looking(people: int, courses: int, size: int) -> int:
    """Calls to see what `people` have: by the courses' lists, or by the people, whichever is fewer."""
    return min(courses * _pages(size, PAGE), _pages(people, MOST_READ_AT_ONCE))


def is_by_course(people: int, courses: int, size: int) -> bool:
    return courses * _pages(size, PAGE) < _pages(people, MOST_READ_AT_ONCE)


def _pages(number: int, size: int) -> int:
    return max(1, -(-number // size))
