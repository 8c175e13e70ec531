"""Times as numbers, as Arrow's types and as text, and the order of day and month."""

from __future__ import annotations

import datetime as dt
from contextlib import suppress
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender import SourceError
from recommender.files.times import REASONS, DateOrder, TimeColumn, Times, read_days
from tests.support import assert_one_line

# 2004-11-09 13:44:07, 13:44 and the day itself, in UTC.
SECONDS = 1_100_007_847
MINUTE, DAY = SECONDS - 7, SECONDS - SECONDS % 86_400


def read(*batches: list[Any], dates: DateOrder | None = None) -> Times:
    """Read batches of one column."""
    column = TimeColumn(dates)
    for batch in batches:
        column.add(pa.array(batch))
    return column.result()


def listed(times: Times) -> list[int | str]:
    """Seconds of each row, or why it has none."""
    assert times.seconds is not None
    codes = [0] * len(times.seconds) if times.reasons is None else times.reasons.tolist()
    return [REASONS[code] or time for code, time in zip(codes, times.seconds.tolist(), strict=True)]


WRITTEN: list[tuple[Any, int]] = [
    (86_400, 86_400),
    (-5, -5),
    (SECONDS, SECONDS),
    (SECONDS * 1_000 + 999, SECONDS),
    (SECONDS * 10**6, SECONDS),
    (SECONDS * 10**9, SECONDS),
    (float(SECONDS), SECONDS),
    (SECONDS * 1e6, SECONDS),
    ("1100007847", SECONDS),
    ("1100007847.0", SECONDS),
    ("1100007847000", SECONDS),
    ("1.100007847e9", SECONDS),
    ("+1100007847000000", SECONDS),
    ("1100007847000000000", SECONDS),
    # ISO 8601
    ("2004-11-09", DAY),
    ("2004-11-09T13:44:07", SECONDS),
    ("2004-11-09 13:44:07", SECONDS),
    ("2004-11-09 13:44:07.123456 ", SECONDS),
    ("2004-11-09T13:44:07Z", SECONDS),
    ("2004-11-09T14:44:07+01:00", SECONDS),
    ("2004-11-09 13:44:07 UTC", SECONDS),
    ("2004-11-09 13:44:07 GMT", SECONDS),
    ("2004-11-09 13:44:07 +0000 UTC", SECONDS),
    ("2004/11/09 13:44:07", SECONDS),
    ("2004.11.09", DAY),
    ("0001-01-01", -62_135_596_800),
    ("9999-12-31", 253_402_214_400),
    # Names of months
    ("9 Nov 2004", DAY),
    ("09-Nov-04", DAY),
    ("9 November 2004 13:44", MINUTE),
    ("9. Nov. 2004", DAY),
    ("Nov 9, 2004", DAY),
    ("November 9, 2004 1:44 PM", MINUTE),
    ("Nov 9, 2004, 1:44:07PM", SECONDS),
    ("Tuesday, November 9, 2004", DAY),
    ("Tue Nov 09 13:44:07 2004", SECONDS),
    ("Tue Nov  9 13:44:07 2004", SECONDS),
    ("Tue Nov 09 13:44:07 +0000 2004", SECONDS),
    ("Tue Nov 09 14:44:07 +0100 2004", SECONDS),
    ("Tue Nov 09 13:44:07 UTC 2004", SECONDS),
    ("Tue, 09 Nov 2004 13:44:07 GMT", SECONDS),
    ("Tue, 9 Nov 2004 08:44:07 -0500", SECONDS),
    # Numbers of which one reading is a date
    ("29.11.2004 13:44", MINUTE + 20 * 86_400),
    ("29.11.2004, 13:44:07", SECONDS + 20 * 86_400),
    ("29/11/04", DAY + 20 * 86_400),
    ("11/29/2004", DAY + 20 * 86_400),
    ("11/29/04 1:44 PM", MINUTE + 20 * 86_400),
    ("11-29-2004 12:00 am", DAY + 20 * 86_400),
    ("31/12/69", -86_400),
    # Arrow's types
    (dt.datetime(2004, 11, 9, 13, 44, 7), SECONDS),
    (dt.datetime(2004, 11, 9, 13, 44, 7, 5, tzinfo=dt.UTC), SECONDS),
    (dt.date(2004, 11, 9), DAY),
]


@pytest.mark.parametrize(("time", "seconds"), WRITTEN, ids=[str(time) for time, _ in WRITTEN])
def test_a_time_is_understood_however_it_is_written(time: Any, seconds: int) -> None:
    """Alone and beside a missing one."""
    assert listed(read([time])) == [seconds]
    assert listed(read([time, None, time])) == [seconds, "no time", seconds]


NONE: list[tuple[Any, str]] = [
    ("", "no time"),
    ("  ", "no time"),
    ("NaN", "no time"),
    ("NULL", "no time"),
    ("yesterday", "time not understood"),
    ("now", "time not understood"),
    ("Mon, today 13:44", "time not understood"),
    ("2020-02-30", "time not understood"),
    ("2020-13-45", "time not understood"),
    ("2020-02-03T25:00:00", "time not understood"),
    ("0000-00-00", "time not understood"),
    ("31/31/2015", "time not understood"),
    ("29/02/2015", "time not understood"),
    ("1/13/2015 13:44 PM", "time not understood"),
    ("9 Novice 2004", "time not understood"),
    ("1e300", "time not understood"),
    ("1e400", "time not understood"),
    ("9" * 40, "time not understood"),
    ("9" * 10_000, "time not understood"),
    ("2020-01-01" * 1_000, "time not understood"),
]


@pytest.mark.parametrize(("text", "reason"), NONE, ids=[text[:20] for text, _ in NONE])
def test_what_is_no_time_has_a_reason(text: str, reason: str) -> None:
    """And the first that is not understood is shown."""
    found = read(["2004-11-09", text, text])
    assert listed(found) == [DAY, reason, reason]
    assert found.example == (text[:80] if reason == "time not understood" else None)


@pytest.mark.parametrize("batch", [[None, "", "x"], [None, float("nan")], [None], [], ["x"]])
def test_a_column_without_one_time_is_none(batch: list[Any]) -> None:
    """As if it were not there, but for what could not be read."""
    found = read(batch)
    assert (found.seconds, found.reasons) == (None, None)
    assert found.example == ("x" if "x" in batch else None)


@pytest.mark.parametrize(
    ("batches", "order"),
    [
        ([["31/12/2015", "01/02/2016"]], "day-first"),
        ([["12/31/2015", "01/02/2016"]], "month-first"),
        # Told by the last batch
        ([["01/02/2016"], [], ["5"], ["31/12/2015"]], "day-first"),
        ([["01/02/2016"], ["12/31/2015"]], "month-first"),
        # One in twenty may be an error
        ([["31/12/2015"] * 19 + ["12/31/2015", "01/02/2016"]], "day-first"),
        # The same days either way
        ([["01/01/2016", "05/05/2016"]], None),
        ([["2016-02-01"]], None),
    ],
)
def test_the_whole_column_tells_whether_the_day_is_first(
    batches: list[list[str]], order: DateOrder | None
) -> None:
    """And all dates are read that way."""
    found = read(*batches)
    assert found.order == order
    open_days = {"day-first": 16_832, "month-first": 16_802}
    if order and "01/02/2016" in [time for batch in batches for time in batch]:
        assert open_days[order] * 86_400 in listed(found)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (["09/11/2004", "2016-01-01"], "of 1 dates such as '09/11/2004' 1 can have the day first"),
        (["5.6.2004"], "--dates day-first or --dates month-first"),
        (["31/12/2015", "12/31/2015", "01/02/2016"],
         "of 3 dates such as '31/12/2015' 2 can have the day first and 2 the month"),
        (["31/12/2015", "12/31/2015"], "of 2 dates such as '31/12/2015' 1 can"),
    ],
)  # fmt: skip
def test_where_both_orders_are_left_one_is_asked_for(rows: list[str], message: str) -> None:
    """With an example; an answer settles it, and what is no date then is counted."""
    with pytest.raises(SourceError, match=message) as caught:
        read(rows)
    assert_one_line(caught.value)
    days, months = read(rows, dates="day-first"), read(rows, dates="month-first")
    assert (days.order, months.order) == ("day-first", "month-first")
    assert listed(days) != listed(months)


def test_what_an_answer_makes_no_date_is_counted() -> None:
    """With an example of its own."""
    rows = ["31/12/2015", "12/31/2015"]
    last = 16_800 * 86_400
    found = read(rows, dates="day-first")
    assert (listed(found), found.example) == ([last, "time not understood"], "12/31/2015")
    found = read(rows, dates="month-first")
    assert (listed(found), found.example) == (["time not understood", last], "31/12/2015")


def test_what_is_not_understood_is_shown_in_one_line() -> None:
    """Without signs that control a terminal."""
    assert read(["2004-11-09", "9 Nov\n\x1b[2J"]).example == "9 Nov??[2J"


def test_batches_may_differ_in_type() -> None:
    """Wide seconds beside narrow ones, and rows without a time in one batch only."""
    found = read([1], [10**10, None], ["2004-11-09", "x"], [2.5])
    assert listed(found) == [1, 10**10, "no time", DAY, "time not understood", 2]
    assert found.example == "x"
    narrow = read([1], ["2"], [3.0])
    assert narrow.seconds is not None
    assert narrow.seconds.dtype == np.int32
    assert narrow.reasons is None


def test_encoded_and_unsigned_columns_are_read() -> None:
    """As Parquet and pandas have them."""
    column = TimeColumn()
    column.add(pa.array(["9 Nov 2004", None]).dictionary_encode())
    column.add(pa.array([SECONDS], pa.uint64()))
    column.add(pa.array([SECONDS], pa.uint32()))
    column.add(pa.array([None]))
    assert listed(column.result()) == [DAY, "no time", SECONDS, SECONDS, "no time"]


FORMATS = [
    "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%SZ", "%d %b %Y %H:%M:%S", "%B %d, %Y %I:%M:%S %p",
    "%a %b %d %H:%M:%S %Y", "%a, %d %b %Y %H:%M:%S GMT", "%d/%m/%Y %H:%M:%S", "%d.%m.%y %H:%M:%S",
]  # fmt: skip


# A column of nothing but times before that has the seconds of days such as 19700820.
FIRST_TIME = dt.datetime(1970, 9, 2)


@given(st.datetimes(FIRST_TIME, dt.datetime(2068, 12, 31)), st.sampled_from(FORMATS))
def test_any_time_is_read_back(time: dt.datetime, form: str) -> None:
    """From every way to write it."""
    time = time.replace(microsecond=0)
    found = read([time.strftime(form)], dates="day-first")
    assert listed(found) == [int(time.replace(tzinfo=dt.UTC).timestamp())]


@given(
    st.lists(st.text(max_size=12) | st.from_regex(r"\d{1,4}[-/. ]\w{1,3}[-/. ]\d{1,4}( \d:\d\d)?"))
)
def test_any_text_is_a_time_or_is_counted(texts: list[str]) -> None:
    """And nothing else is raised than the question for the order."""
    with suppress(SourceError):
        read(pa.array(texts, pa.string()))
    found = read(pa.array(texts, pa.string()), dates="month-first")
    assert found.seconds is None or len(found.seconds) == len(texts)


@pytest.mark.parametrize(
    "numbers", [[2004, 2015], [38_300, 38_301.5], [20041109, 20041110], [20041109134407]]
)
def test_numbers_that_count_no_seconds_are_no_times(numbers: list[float]) -> None:
    """Years, days of Excel, and dates written as one number: all would be days of 1970 or 2605."""
    found = read(numbers)
    assert found.seconds is None
    assert str(numbers[0]).startswith(str(found.example))


@pytest.mark.parametrize(
    ("texts", "days", "why"),
    [
        (["2024-01-31T23:59:59.000Z", ""], ["2024-01-31", ""], ""),
        (["31.01.24", "1.2.2024"], ["2024-01-31", "2024-02-01"], ""),
        (["1/2/24", "2/13/24"], ["2024-01-02", "2024-02-13"], ""),
        (["Jan 2, 2024", "2 January 2024"], ["2024-01-02", "2024-01-02"], ""),
        (["1706659200", "1706659200000"], ["2024-01-31", "2024-01-31"], ""),
        (["1/2/24", "3/4/24"], ["", ""], "“1/2/24” may have the day or the month first"),
        (["soon", "2024-01-31"], ["", "2024-01-31"], "“soon” is no date"),
        (["1995", "45322"], ["", ""], "“1995” is no date"),
        (["", ""], ["", ""], ""),
        ([], [], ""),
    ],
)
def test_days_are_read_over_the_column(texts: list[str], days: list[str], why: str) -> None:
    """Where they leave two readings none is taken, and it is said why."""
    assert read_days(texts) == (days, why)


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=12)))
def test_any_text_is_a_day_or_none(texts: list[str]) -> None:
    """Nothing is raised, and each has its place."""
    days, _ = read_days(texts)
    assert len(days) == len(texts)
