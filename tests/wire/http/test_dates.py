"""HTTP-date (sheet 1.11)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wire.http.dates import format_date, parse_date

NOW = 1_800_000_000.0  # January 2027
THAT = 784_111_777.0


@pytest.mark.parametrize(
    "text",
    [
        "Sun, 06 Nov 1994 08:49:37 GMT",
        "Sunday, 06-Nov-94 08:49:37 GMT",
        "Sun Nov  6 08:49:37 1994",
        "SUN, 06 NOV 1994 08:49:37 gmt",
        "Mon, 06 Nov 1994 08:49:37 GMT",
    ],
)
def test_three_forms_name_one_moment(text: str) -> None:
    """1.11: in UTC whatever the host's zone; names in any case; the weekday is not checked."""
    assert parse_date(text, NOW) == THAT


@pytest.mark.parametrize(
    "text",
    [
        "Tue, 05 Mar 2041 9:07:30 GMT",
        "Tue, 05 Mar 2041 09:07:30 UTC",
        "Tue, 05 Mar 2041 09:07:30 +0000",
        "Tue, 05 Mar 2041 09:07:30",
        "Tue, 05 Mar 41 09:07:30 GMT",
        "Tue, 05-Mar-2041 09:07:30 GMT",
        "Tue 05 Mar 2041 09:07:30 GMT",
        "Tue,  05 Mar 2041 09:07:30 GMT",
        "Tue, 05 Mar 2041 09.07.30 GMT",
        "Tue, 05 Mar 2041 09:07:30 GMT x",
        "Tue, 31 Feb 2041 09:07:30 GMT",
        "Tue, 05 Mar 2041 24:00:00 GMT",
        "Tue, 05 Mar 2041 09:60:30 GMT",
        "Tue, 05 Mar 2041 09:07:61 GMT",
        "Tue, ٠٥ Mar 2041 09:07:30 GMT",
        "0",
        "-1",
        "1994",
        "",
    ],
)
def test_everything_else_is_no_date(text: str) -> None:
    """1.11: a lenient reader would keep responses alive that their origin declared dead."""
    assert parse_date(text, NOW) is None


def test_a_leap_second_is_a_second() -> None:
    """Second 60 is in the grammar."""
    assert parse_date("Sat, 31 Dec 2016 23:59:60 GMT", NOW) == 1_483_228_800.0


@pytest.mark.parametrize(("year", "full"), [("76", 2076), ("77", 2077), ("78", 1978), ("00", 2000)])
def test_two_digits_mean_no_more_than_fifty_years_ahead(year: str, full: int) -> None:
    """RFC 9110 §5.6.7."""
    assert parse_date(f"Friday, 01-Jan-{year} 00:00:00 GMT", NOW) == parse_date(
        f"Fri, 01 Jan {full} 00:00:00 GMT", NOW
    )


@given(st.integers(0, 253_402_300_799))
def test_what_is_written_can_be_read(second: int) -> None:
    """IMF-fixdate, also beyond 2038."""
    assert parse_date(format_date(second), NOW) == second
