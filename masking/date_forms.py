"""Forms of dates: the year, the month, and the grade by the rule of 1 April."""

from __future__ import annotations

from datetime import date
from typing import Any

import pyarrow as pa

from masking.arrow_types import Values, pc, whole


def year(values: Values, borders: tuple[str, ...] = ("01-01",)) -> pa.Array[Any]:
    """The first day of the part of the year that each date lies in (``date32``).

    Args:
        borders: the days (``MM-DD``, in order) on which a part begins.
    """
    if borders == ("01-01",):
        return whole(pc.floor_temporal(values, unit="year")).cast(pa.date32())
    days = whole(values).dictionary_encode()
    first = pa.array([None if day is None else _first_of_part(day, borders) for day in days.dictionary.to_pylist()])
    return whole(first.cast(pa.date32()).take(days.indices))


def _first_of_part(day: date, borders: tuple[str, ...]) -> date:
    before = [border for border in borders if border <= day.strftime("%m-%d")]
    year_of_border, border = (day.year, before[-1]) if before else (day.year - 1, borders[-1])
    return date.fromisoformat(f"{year_of_border:04d}-{border}")


def year_month(values: Values) -> pa.Array[Any]:
    """The first day of each date's month (``date32``)."""
    return whole(pc.floor_temporal(values, unit="month")).cast(pa.date32())


def fiscal_year(day: date) -> int:
    """The Japanese fiscal year (年度, from 1 April to 31 March) that the day lies in."""
    return day.year if day.month >= 4 else day.year - 1


def grade(values: Values, *, as_of: date) -> pa.Array[Any]:
    """The grade of a person born on each date, in the fiscal year of ``as_of`` (``int64``).

    Grade 1 is whoever was born from 2 April seven years before that fiscal year to 1 April six years before it: under
    the law on counting age, a person born on 1 April reaches each age on 31 March and goes with the older ones. The
    number goes on outside 1 to 12; which grades count is a condition of the policy.
    """
    days = whole(values)
    # The cohort of a birth date is the year of the 2 April on or before it.
    month = pc.month(days).cast(pa.int64())
    day = pc.day(days).cast(pa.int64())
    early = pc.less(pc.add(pc.multiply(month, 100), day), 402)
    cohort = pc.subtract(pc.year(days).cast(pa.int64()), early.cast(pa.int64()))
    return whole(pc.subtract(pa.scalar(fiscal_year(as_of) - 6, pa.int64()), cohort))
