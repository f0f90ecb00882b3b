from datetime import UTC, datetime

import pytest

from integrations.providers.litmos.progress import moment


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-24T09:30:00",
        "2026-11-24T10:30:00+01:00",
        "/Date(1795512600000)/",
        "/Date(1795512600000-0500)/",
        " 2026-11-24 09:30 ",
    ],
)
def test_a_date_of_any_form(text):
    assert moment(text) == datetime(2026, 11, 24, 9, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "value",
    [
        "0001-01-01T00:00:00",
        "0001-01-01T00:00:00+14:00",
        "1999-12-31T23:59:59",
        "9999-12-31T23:59:59",
        "9999-12-31T23:59:59-12:00",
        "2100-01-01T00:00:00",
        "/Date(-62135596800000)/",
        "/Date(999999999999999)/",
        "soon",
        "",
        None,
        1795512600000,
    ],
)
def test_no_date_or_one_that_nobody_can_mean(value):
    assert moment(value) is None
