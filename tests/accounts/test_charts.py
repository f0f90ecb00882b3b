import pytest

from accounts.charts import Bar, Mark, bar_chart, nice_top, shown


@pytest.mark.parametrize(
    ("largest", "top"),
    [
        (0, 2),
        (1, 2),
        (3, 4),
        (5, 10),
        (11, 20),
        (21, 40),
        (41, 100),
        (10**6, 10**6),
        (10**6 + 1, 2 * 10**6),
    ],
)
def test_the_axis_ends_at_a_nice_number(largest, top):
    assert nice_top(largest) == top


def test_bars_labels_lines_and_the_table_of_a_chart():
    made = bar_chart("Failures", ["Mon", "Tue", "Wed"], [2, 0, None], gist="2 in all.")
    assert made.bars == [Bar("71.8", "10.0", "129.7", "146.0", "Mon: 2")]
    assert made.lines == [Mark("156.0", "0"), Mark("83.0", "1"), Mark("10.0", "2")]
    assert made.labels == [Mark("136.7", "Mon"), Mark("322.0", "Tue"), Mark("507.3", "Wed")]
    assert made.rows == [("Mon", "2"), ("Tue", "0"), ("Wed", "–")]


def test_many_labels_are_thinned_out_and_all_zero_draws_nothing():
    made = bar_chart("None", [str(at) for at in range(30)], [0] * 30, gist="")
    assert made.bars == []
    assert [mark.text for mark in made.labels] == ["0", "4", "8", "12", "16", "20", "24", "28"]
    assert bar_chart("Empty", [], [], gist="").rows == []


def test_numbers_as_they_are_shown():
    assert [shown(one) for one in (None, 0, 3, 2.5, 12345)] == ["–", "0", "3", "2.5", "12,345"]
