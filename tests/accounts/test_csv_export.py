import pytest

from accounts.csv_export import csv_response, csv_safe

FORMULAS = [
    "=1+1",
    "+49 30 1234",
    "-2",
    "@SUM(A1)",
    "|calc",
    "%0A",
    "\t=1",
    "\r=1",
    "  =1",
    "\x00=1",
    "\u200b=1",
    "\u202e=1",
    "＝1",
    "＋1",
    "－1",
    "＠x",
    "﹦1",
]


@pytest.mark.parametrize("text", FORMULAS)
def test_what_a_spreadsheet_would_run_is_marked_as_text(text):
    assert csv_safe(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "Ann", "a=b", "O'Brien", "1-2", "ü", "(=1)"])
def test_other_text_stays_as_it_is(text):
    assert csv_safe(text) == text


def test_numbers_and_nothing_are_written_plainly():
    assert [csv_safe(value) for value in (-3, 0, None, True)] == ["-3", "0", "", "True"]


def test_the_file_is_quoted_streamed_and_named():
    rows = iter([("=x", 2), ('say "hi"', None)])
    answer = csv_response("list.csv", ("Name", "Count"), rows)
    assert answer.streaming
    assert answer["Content-Disposition"] == 'attachment; filename="list.csv"'
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert b"".join(answer).decode() == (
        '\ufeff"Name","Count"\r\n"\'=x","2"\r\n"say ""hi""",""\r\n'
    )
