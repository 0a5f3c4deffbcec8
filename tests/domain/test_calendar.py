"""French dates and working days."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.calendar import (
    PARIS,
    add_working_days,
    end_of_day_paris,
    find_dates,
    is_working_day,
    long_date,
    parse_french_date,
)

days = st.dates(min_value=date(1970, 1, 1), max_value=date(2069, 12, 31))


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("26 septembre 2019", date(2019, 9, 26)),
        ("le 1er janvier 2020", date(2020, 1, 1)),
        ("1 er juin 2021", date(2021, 6, 1)),
        ("premier mars 2022", date(2022, 3, 1)),
        ("le 2 8 septembre 2016", date(2016, 9, 28)),
        ("jeudi 22 mai 2014", date(2014, 5, 22)),
        ("08 AVRIL 2025", date(2025, 4, 8)),
        ("01” JUILLET 2025", date(2025, 7, 1)),
        ("12 aout 2013", date(2013, 8, 12)),
        ("3 FEVRIER 2013", date(2013, 2, 3)),
        ("3 fe\u0301vrier 2013", date(2013, 2, 3)),
        ("3 d\ufffdcembre 1997", date(1997, 12, 3)),
        ("26\nseptembre\u00a02019", date(2019, 9, 26)),
        ("05/07/2016", date(2016, 7, 5)),
        ("20/12/19", date(2019, 12, 20)),
        ("20/12/97", date(1997, 12, 20)),
        ("05.07.2016", date(2016, 7, 5)),
        ("2019-09-26", date(2019, 9, 26)),
    ],
)
def test_a_french_date_is_read(text: str, day: date) -> None:
    assert parse_french_date(text) == day


@pytest.mark.parametrize("text", ["31 février 2020", "32/01/2020", "29/02/2019", "0 mai 2019"])
def test_a_day_that_does_not_exist_is_found_without_value_and_refused(text: str) -> None:
    assert [found.value for found in find_dates(text)] == [None]
    with pytest.raises(ValueError, match="not a date"):
        parse_french_date(text)


@pytest.mark.parametrize(
    "text",
    [
        "septembre 2019",
        "loi n°2014-58",
        "ECO 010-6552/19/BM",
        "034-213401722-20140522-0000072216-DE",
        "avril 2017 – juillet 2018",
        "25-07/046",
        "1/2/20/3",
        "",
    ],
)
def test_what_is_no_full_date_is_not_found(text: str) -> None:
    assert find_dates(text) == []


@given(days)
def test_a_date_written_long_reads_back(day: date) -> None:
    assert parse_french_date(long_date(day)) == day
    assert parse_french_date(f"{day:%d/%m/%Y}") == parse_french_date(f"{day:%d/%m/%y}") == day


@given(st.text(alphabet="0123456789/.- erjuilnmaiseptbd\né", max_size=80))
def test_spans_of_dates_are_true(text: str) -> None:
    assert all(text[found.start : found.end] == found.text for found in find_dates(text))


def test_the_first_of_a_month_is_written_with_er() -> None:
    assert (long_date(date(2020, 1, 1)), long_date(date(2020, 8, 2))) == ("1er janvier 2020", "2 août 2020")


@pytest.mark.parametrize(
    ("start", "count", "expected"),
    [
        # Friday to Monday.
        (datetime(2026, 1, 9, 12, tzinfo=UTC), 1, datetime(2026, 1, 12, 17, tzinfo=UTC)),
        # Over 1 and 8 May, and Ascension (14 May); summer time.
        (datetime(2026, 4, 30, 12, tzinfo=UTC), 1, datetime(2026, 5, 4, 16, tzinfo=UTC)),
        (datetime(2026, 5, 7, 12, tzinfo=UTC), 4, datetime(2026, 5, 15, 16, tzinfo=UTC)),
        # 23:30 UTC on Sunday is Monday in Paris.
        (datetime(2026, 1, 11, 23, 30, tzinfo=UTC), 1, datetime(2026, 1, 13, 17, tzinfo=UTC)),
        # Over Christmas and the New Year, into the next year's holidays.
        (datetime(2026, 12, 24, 9, tzinfo=UTC), 5, datetime(2027, 1, 4, 17, tzinfo=UTC)),
        (datetime(2026, 1, 10, 9, tzinfo=UTC), 0, datetime(2026, 1, 12, 17, tzinfo=UTC)),
    ],
)
def test_delays_run_on_french_working_days_and_end_at_six_in_paris(
    start: datetime, count: int, expected: datetime
) -> None:
    assert add_working_days(start, count) == expected
    assert add_working_days(start, count).tzinfo is UTC


@given(st.datetimes(datetime(2000, 1, 1), datetime(2060, 1, 1)), st.integers(1, 60))  # noqa: DTZ001
def test_a_delay_ends_on_a_working_day_and_one_day_more_ends_later(naive: datetime, count: int) -> None:
    start = naive.replace(tzinfo=UTC)
    end = add_working_days(start, count)
    assert is_working_day(end.astimezone(PARIS).date())
    assert add_working_days(start, count + 1) > end


def test_a_naive_instant_or_a_negative_delay_is_refused() -> None:
    with pytest.raises(ValueError, match="naive"):
        add_working_days(datetime(2026, 1, 1), 1)  # noqa: DTZ001
    with pytest.raises(ValueError, match="negative"):
        add_working_days(datetime(2026, 1, 1, tzinfo=UTC), -1)


def test_a_day_is_over_at_midnight_in_paris() -> None:
    assert end_of_day_paris(date(2026, 1, 1)) == datetime(2026, 1, 1, 23, tzinfo=UTC)
    assert end_of_day_paris(date(2026, 7, 1)) - timedelta(hours=22) == datetime(2026, 7, 1, tzinfo=UTC)
