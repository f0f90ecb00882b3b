"""CSV files that a spreadsheet can open without running what is in them."""

from __future__ import annotations

import csv
import unicodedata
from collections.abc import Iterable, Iterator, Sequence

from django.http import StreamingHttpResponse

FORMULA_STARTS = ("=", "+", "-", "@", "|", "%")
# Without it Excel reads UTF-8 as the machine's own code page.
BYTE_ORDER_MARK = "\ufeff"


def csv_safe(value: object) -> str:
    """The cell's text, with a leading ' where a spreadsheet would take it for a formula."""
    text = "" if value is None else str(value)
    if isinstance(value, str) and _starts_formula(text):
        return f"'{text}"
    return text


def _starts_formula(text: str) -> bool:
    if text[:1].isascii() and text[:1].isalnum():
        return False
    first = next((char for char in text if not _is_skipped(char)), "")
    return unicodedata.normalize("NFKC", first).startswith(FORMULA_STARTS)


def _is_skipped(char: str) -> bool:
    return char.isspace() or unicodedata.category(char) in ("Cc", "Cf")


class _Echo:
    def write(self, line: str) -> str:
        return line


def csv_response(
    filename: str, header: Sequence[str], rows: Iterable[Sequence[object]]
) -> StreamingHttpResponse:
    """Stream the rows as an attachment. `filename` is ours, never typed by somebody; `rows` are read
    after the view has ended, so they must not need its scope."""
    response = StreamingHttpResponse(_lines(header, rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{filename}"'
    return response


def _lines(header: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    writer = csv.writer(_Echo(), quoting=csv.QUOTE_ALL)
    yield BYTE_ORDER_MARK + writer.writerow(header)
    for row in rows:
        yield writer.writerow([csv_safe(cell) for cell in row])
