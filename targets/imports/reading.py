"""A file of bytes as rows of texts, whatever program has saved it."""

from __future__ import annotations

import csv
import io
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from dataclasses import dataclass

LARGEST = 5_000_000
MOST_ROWS = 20_000
MOST_COLUMNS = 60
DELIMITERS = ",;\t"
NOT_UTF8 = "The file is not UTF-8: it was read as Windows Latin (cp1252). Check names with accents."


class BadFile(ValueError):
    """Nothing of it can be read; the message says why, and what to do."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """`rows` begin with the heading, and have one length. `lines` are their numbers in the file; `remark`
    says what to look at."""

    rows: list[list[str]]
    lines: list[int]
    remark: str = ""


def read_sheet(raw: bytes) -> Sheet:
    """Raises BadFile."""
    if len(raw) > LARGEST:
        raise BadFile(f"The file has more than {LARGEST // 1_000_000} MB. Split it.")
    text, remark = _decoded(raw)
    if "\x00" in text:
        raise BadFile("This is no CSV file. Save the table as “CSV UTF-8” and choose that file.")
    rows, lines = _rows(text)
    if len(rows) < 2:
        raise BadFile("The file has no rows below the line that names the columns.")
    return Sheet(rows, lines, remark)


def _decoded(raw: bytes) -> tuple[str, str]:
    try:
        if raw.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
            return raw.decode("utf-16"), ""
        return raw.decode("utf-8-sig"), ""
    except UnicodeDecodeError:
        return raw.decode("cp1252", "replace"), NOT_UTF8


def _rows(text: str) -> tuple[list[list[str]], list[int]]:
    head = text.lstrip().partition("\n")[0]
    delimiter = max(DELIMITERS, key=head.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows: list[list[str]] = []
    lines: list[int] = []
    begins = 1
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                _check_size(len(rows), row)
                rows.append(row)
                lines.append(begins)
            begins = reader.line_num + 1
    except csv.Error as error:
        raise BadFile(f"Line {reader.line_num} is not CSV: {error}.") from None
    width = len(rows[0]) if rows else 0
    return [(row + [""] * width)[: max(width, 1)] for row in rows], lines


def _check_size(number: int, row: list[str]) -> None:
    if number > MOST_ROWS:
        raise BadFile(f"The file has more than {MOST_ROWS:,} rows. Split it.")
    if len(row) > MOST_COLUMNS:
        raise BadFile(f"The file has more than {MOST_COLUMNS} columns. Leave out those not needed.")
