"""When a list read page by page is at its end, and when its server is not to be believed."""

from __future__ import annotations

from typing import Any

from integrations.contract.errors import Fatal

#: Servers that ignore `limit` cut pages to a multiple of this: such a page may not be the last.
USUAL_PAGE = 100


class Paging:
    """Of one session: what its pages so far have shown."""

    def __init__(self, page_size: int) -> None:
        self._page_size = page_size
        self._largest_page = 0
        self._page_before: dict[str, tuple[int, int]] = {}

    def is_last(self, received: int) -> bool:
        """A short page ends its list, unless it may be all that the server gives in one page: then it
        is of a usual size, and no page was larger."""
        may_be_cut = received % USUAL_PAGE == 0 and received >= self._largest_page
        self._largest_page = max(self._largest_page, received)
        return received == 0 or (received < self._page_size and not may_be_cut)

    def refuse_the_same_page(self, path: str, start: int, rows: list[Any]) -> None:
        """A server that ignores `start` would be read for ever, or believed to hold one page."""
        shown = hash(repr((rows[0], rows[-1]))) if rows else 0
        before = self._page_before.get(path)
        if rows and before and before[0] < start and before[1] == shown:
            raise Fatal("bad_format", "the same page came twice")
        self._page_before[path] = (start, shown)
