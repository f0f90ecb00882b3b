import pytest

from accounts.lists import Column, Heading, headings, ids_in, in_order
from accounts.models import Account
from tests.factories import AccountFactory

COLUMNS = (
    Column("Name", "name", ("name",)),
    Column("Seats", "seats", ("seat_limit",), is_nullable=True),
    Column("Mail"),
)


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        ("", ["a", "b", "c"]),
        ("name", ["a", "b", "c"]),
        ("-name", ["c", "b", "a"]),
        ("seats", ["b", "c", "a"]),
        ("-seats", ["a", "c", "b"]),
        ("time_zone", ["a", "b", "c"]),
        ("--name", ["a", "b", "c"]),
        ("account_manager_email", ["a", "b", "c"]),
    ],
)
def test_only_declared_columns_sort_and_empty_values_stand_at_the_low_end(db, asked, names):
    for name, seats in (("c", 3), ("a", 5), ("b", None)):
        AccountFactory(name=name, seat_limit=seats)
    assert [row.name for row in in_order(Account.objects.all(), COLUMNS, asked)] == names


def test_headings_tell_the_order_and_link_to_the_other_one():
    assert headings(COLUMNS, "-seats") == [
        Heading("Name", link="name"),
        Heading("Seats", "descending", "seats"),
        Heading("Mail"),
    ]
    assert headings(COLUMNS, "nonsense")[0] == Heading("Name", "ascending", "-name")


def test_what_is_no_id_is_left_out():
    sent = ["1", "2", "0", "-1", "x", "", "1.5", str(2**63 - 1), str(2**63), "9" * 5000]
    assert ids_in(sent) == [1, 2, 2**63 - 1]
