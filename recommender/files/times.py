"""Read a column of times, batch after batch: numbers since 1970, and dates as people write them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from recommender.arrays import Bytes, Ints, Mask, as_array
from recommender.errors import SourceError
from recommender.files.archives import printable
from recommender.files.cells import MISSING

__all__ = ["REASONS", "DateOrder", "TimeColumn", "Times", "read_days"]

DateOrder = Literal["day-first", "month-first"]
REASONS = ("", "no time", "time not understood")
"""Why a row has no time, by the codes of :class:`Times`; the first stands for one that has."""

_ORDERS: tuple[DateOrder, DateOrder] = ("day-first", "month-first")
# In place of seconds where a row has none; numpy has the first for "not a time".
_UNREAD, _NO_TIME = (np.iinfo(np.int64).min + code for code in range(2))
# Larger numbers count thousandths, millionths or billionths of a second: as seconds this is the
# year 5138, and in each of these units a day of 1973.
_MOST_SECONDS = 10**11
# Numbers that count no seconds: years, Excel's days since 1900, days such as 20041109, and, as
# milliseconds, 20041109134407.
_NO_SECONDS = (
    *((1_900, 2_100), (20_000, 60_000)),
    *((19_000_101, 21_001_231), (19_000_101_000, 21_001_231_236)),
)
# Part of the numeric dates that may be errors in the file.
_ERRORS = 0.05
_LONGEST_EXAMPLE = 80
_INT32 = np.iinfo(np.int32)
_SHORT = re.compile(r"[0-9]{1,8}(\.0)?")
_POINTS = re.compile(r"\s*[0-9]{1,2}\.[0-9]{1,2}\.[0-9]{2}")

_replace = pc.replace_substring_regex
_NUMBER = r"^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,3})?$"
_ISO = r"^[0-9]{4}[-/.]"
_UTC = r"\s*(UTC|GMT|Z)$"
_WEEKDAY = r"^(?i)(mon|tue|wed|thu|fri|sat|sun)[a-z]*,?\s+"
# Of "Tue Nov 09 13:44:07 +0000 2004" and "11/9/2004, 1:44 PM" what is no date, and no clock.
_CLOCK = r",?\s+[0-9]+:\S*(\s+[-+A-Za-z]\S*)*"
_DATE = r"^[^:]*\s|\s+[0-9]{4}$"
# pandas reads these two words as this moment, whatever the format.
_SEPARATOR = r"[-/.,\s]+|^(now|today)$"
# Formats of pandas, for dates with one separator and for clocks of the first day, without blanks.
_NUMERIC = {"day-first": ("%d/%m/%Y", "%d/%m/%y"), "month-first": ("%m/%d/%Y", "%m/%d/%y")}
_NAMED = ("%d/%b/%Y", "%b/%d/%Y", "%d/%B/%Y", "%B/%d/%Y", "%d/%b/%y")
_CLOCKS = ("ISO8601", "%Y-%m-%d %I:%M%p", "%Y-%m-%d %I:%M:%S%p")


class Times(NamedTuple):
    """The times of all rows of a column."""

    seconds: Ints | None
    """Seconds since 1970, shape (rows,), in 32 bits where they fit, 0 where a row has none; None
    where no row has one."""
    reasons: Bytes | None
    """Why a row has none, shape (rows,), as indices of ``REASONS``; None where all have one, or no
    row has."""
    example: str | None
    """The start of the first text or number that was not understood, printable."""
    order: DateOrder | None
    """What numeric dates start with; None where both readings agree on every date."""


class TimeColumn:
    """Times of a column whose batches are added one after the other.

    Understood are seconds, milliseconds, microseconds and nanoseconds since 1970, ISO 8601, dates
    of numbers such as ``31/12/2015``, and dates with the English name of a month; in UTC unless
    they have an offset. Whether the day or the month is first is told by all numeric dates of the
    column, or by ``dates``.

    Examples
    --------
    >>> column = TimeColumn()
    >>> column.add(pa.array(["31/12/2015", "01/02/2016 13:44"]))
    >>> column.result().order
    'day-first'
    """

    def __init__(self, dates: DateOrder | None = None) -> None:
        self._dates = dates
        # Under both readings; the same arrays in batches on which these agree.
        self._pieces: dict[DateOrder, list[tuple[Ints, Bytes]]] = {order: [] for order in _ORDERS}
        self._examples: dict[DateOrder, str] = {}
        # Dates that are not the same under both, those that are none under one, and an example.
        self._numeric, self.date = 0, ""
        self._failed: dict[DateOrder, int] = dict.fromkeys(_ORDERS, 0)

    def add(self, column: pa.Array) -> None:
        """Read a batch: integers, floats, Arrow's times or dates, or text; nulls have no time."""
        kind = column.type
        if pa.types.is_dictionary(kind):
            column, kind = column.cast(kind.value_type), kind.value_type
        if pa.types.is_timestamp(kind) or pa.types.is_date(kind):
            whole = column.cast(pa.timestamp("s", "UTC"), safe=False).cast(pa.int64())
            days = months = as_array(whole, _NO_TIME)
        elif pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind):
            days = months = _of_numbers(column)
        else:
            column = column.cast(pa.string())
            days, months = _of_texts(column)
        pieces = [_narrow(days)]
        pieces.append(pieces[0] if months is days else _narrow(months))
        for order, piece in zip(_ORDERS, pieces, strict=True):
            self._pieces[order].append(piece)
            if order not in self._examples and (unread := piece[1] == 2).any():
                self._examples[order] = _printable(column, unread)
        if months is not days and (differ := days != months).any():
            self.date = self.date or _printable(column, differ)
            self._numeric += int(np.count_nonzero(differ))
            for order, seconds in zip(_ORDERS, (days, months), strict=True):
                self._failed[order] += int(np.count_nonzero(differ & (seconds == _UNREAD)))

    def result(self) -> Times:
        """All rows that were added.

        Raises SourceError where day and month of numeric dates cannot be told apart.
        """
        order = self._order()
        reading = order or "day-first"
        pieces, example = self._pieces[reading], self._examples.get(reading)
        self._pieces = {}
        reasons = np.concatenate([piece[1] for piece in pieces])
        # A column without one time that can be read is no column of times.
        if reasons.all():
            return Times(None, None, example, order)
        seconds = np.concatenate([piece[0] for piece in pieces])
        known = seconds[reasons == 0] if reasons.any() else seconds
        if any(low <= known.min() and known.max() <= high for low, high in _NO_SECONDS):
            return Times(None, None, f"{known[0]}", order)
        return Times(seconds, reasons if reasons.any() else None, example, order)

    def _order(self) -> DateOrder | None:
        """What numeric dates start with, if there are any that this makes another day."""
        if self._dates or not self._numeric:
            return self._dates if self._numeric else None
        best, worst = sorted(_ORDERS, key=lambda order: self._failed[order])
        fewest, most = self._failed[best], self._failed[worst]
        few = _ERRORS * self._numeric
        # One 31/12/2015 tells it where nothing speaks against it.
        if fewest <= few < most or (most and not fewest):
            return best
        days, months = (self._numeric - self._failed[order] for order in _ORDERS)
        raise SourceError(
            f"of {self._numeric:,} dates such as '{self.date}' {days:,} can have the day first "
            f"and {months:,} the month: say which it is with --dates day-first or --dates "
            "month-first"
        )


def read_days(texts: Sequence[str]) -> tuple[list[str], str]:
    """Read days as ``2024-01-31``, empty where there is none, and say why of those not read.

    A date with points has the day first.

    Examples
    --------
    >>> read_days(["Jan 31, 2024", ""]), read_days(["1/2/24"])
    ((['2024-01-31', ''], ''), ([''], '“1/2/24” may have the day or the month first'))
    """
    # Of a few digits: a year, a day as Excel counts them, or nothing of the kind.
    short = next(filter(_SHORT.fullmatch, texts), "")
    if short:
        texts = ["" if _SHORT.fullmatch(text) else text for text in texts]
    column = TimeColumn("day-first" if any(map(_POINTS.match, texts)) else None)
    column.add(pa.array(texts, pa.string()))
    try:
        times = column.result()
    except SourceError:
        return [""] * len(texts), f"“{column.date}” may have the day or the month first"
    example = times.example or short
    why = f"“{example}” is no date" if example else ""
    if times.seconds is None:
        return [""] * len(texts), why
    days = times.seconds.astype("datetime64[s]").astype("datetime64[D]").astype(str)
    if times.reasons is not None:
        days[times.reasons > 0] = ""
    return days.tolist(), why


def _printable(column: pa.Array, chosen: Mask) -> str:
    """The start of the first of these values, in one line."""
    return printable(str(column[int(chosen.argmax())].as_py())[:_LONGEST_EXAMPLE])


def _narrow(seconds: Ints) -> tuple[Ints, Bytes]:
    """Seconds in 32 bits where they fit, and why rows have none."""
    reasons = np.zeros(len(seconds), np.uint8)
    if seconds.min(initial=0) <= _NO_TIME:
        reasons[seconds == _NO_TIME], reasons[seconds == _UNREAD] = 1, 2
        seconds = np.where(reasons, 0, seconds)
    narrow = seconds.min(initial=0) >= _INT32.min and seconds.max(initial=0) <= _INT32.max
    return seconds.astype(np.int32 if narrow else np.int64), reasons


def _mask(column: pa.BooleanArray) -> Mask:
    return np.asarray(as_array(column.cast(pa.uint8())) == 1)


def _of_numbers(column: pa.Array) -> Ints:
    """Seconds of numbers in the unit of each."""
    none = column.is_null(nan_is_null=True)
    if pa.types.is_signed_integer(column.type):
        seconds = as_array(column, 0).astype(np.int64, copy=False)
    else:
        numbers = np.nan_to_num(as_array(column.cast(pa.float64(), safe=False)))
        # What is larger than all units allow stays so.
        seconds = np.floor(np.clip(numbers, -1e20, 1e20))
    for _ in range(3):
        if seconds.max(initial=0) < _MOST_SECONDS and seconds.min(initial=0) > -_MOST_SECONDS:
            break
        seconds = np.where(np.abs(seconds) < _MOST_SECONDS, seconds, seconds // 1000)
    else:
        seconds = np.where(np.abs(seconds) < _MOST_SECONDS, seconds, _UNREAD)
    whole = seconds.astype(np.int64, copy=False)
    return np.where(_mask(none), _NO_TIME, whole) if none.true_count else whole


def _of_texts(column: pa.Array) -> tuple[Ints, Ints]:
    """Seconds of texts, with the day first and the month first; one array without such dates."""
    texts = pc.utf8_trim_whitespace(column.fill_null(""))
    none = _mask(pc.is_in(pc.utf8_lower(texts), pa.array(["", "nat", *sorted(MISSING)])))
    number, iso = (_mask(pc.match_substring_regex(texts, kind)) for kind in (_NUMBER, _ISO))
    days = np.where(none, _NO_TIME, _UNREAD)
    if number.any():
        # "+" is no sign to Arrow.
        plain = pc.utf8_ltrim(texts.filter(pa.array(number)), "+")
        days[number] = _of_numbers(plain.cast(pa.float64()))
    if iso.any():
        days[iso] = _parse(_replace(texts.filter(pa.array(iso)), _UTC, ""), ("ISO8601",))
    rest = ~(none | number | iso)
    if not rest.any():
        return days, days
    months = days.copy()
    encoded = texts.filter(pa.array(rest)).dictionary_encode()
    for seconds, found in zip((days, months), _of_dates(encoded.dictionary), strict=True):
        seconds[rest] = found[as_array(encoded.indices)]
    return days, months


def _of_dates(texts: pa.Array) -> tuple[Ints, Ints]:
    """Seconds of dates that are not ISO 8601, with the day first and with the month first."""
    # There are few different days and few different clocks: each is parsed once.
    dates = _replace(texts, _CLOCK, "").dictionary_encode()
    days = _replace(_replace(dates.dictionary, _WEEKDAY, ""), _SEPARATOR, "/")
    named = _NAMED if pc.any(pc.match_substring_regex(days, "[A-Za-z]")).as_py() else ()
    clocks = pc.if_else(pc.match_substring(texts, ":"), _replace(texts, _DATE, ""), "00:00")
    clocks = clocks.dictionary_encode()
    plain = _replace(clocks.dictionary, rf"\s+|{_UTC}", "")
    clock = _parse(pc.binary_join_element_wise("1970-01-01", plain, " "), _CLOCKS)
    clock = clock[as_array(clocks.indices)]
    found = []
    for order in _ORDERS:
        day = _parse(days, (*_NUMERIC[order], *named))[as_array(dates.indices)]
        unread = (day == _UNREAD) | (clock == _UNREAD)
        found.append(np.where(unread, _UNREAD, day + clock))
    return found[0], found[1]


def _parse(texts: pa.Array, formats: Sequence[str]) -> Ints:
    """Seconds since 1970 of texts, each in the first of these formats that it has."""
    import pandas as pd  # noqa: PLC0415 - slow to import, and most sources have times as numbers

    names = texts.to_numpy(zero_copy_only=False)
    found = np.full(len(names), _UNREAD)
    for form in formats:
        left = found == _UNREAD
        parsed = pd.to_datetime(names[left], format=form, utc=True, errors="coerce")
        found[left] = parsed.to_numpy("datetime64[s]").astype(np.int64)
    return found
