"""Dates are read in every listed notation, and nothing else is taken for a date."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from japanera import ERA_DATA_GENERAL

from connectors.dates import DateReading, read_date
from connectors.notations import NotationError

FIRST_OF_APRIL = date(2023, 4, 1)
GREGORIAN = st.dates(date(1873, 1, 1), date(2117, 12, 31))
"""To the 99th year of the present era: two digits of a year say no more."""
MARKS = {"明治": "M1", "大正": "T2", "昭和": "S3", "平成": "H4", "令和": "R5"}
KANJI = "〇一二三四五六七八九"


@pytest.mark.parametrize(
    "written",
    [
        "R5.4.1", "Ｒ５．４．１", "R05.04.01", "R5/04/01", "R5-4-1", "r5.4.1", "令5.4.1", "R 5. 4. 1", "　R5.4.1　",
        "令和5年4月1日", "令和５年４月１日", "令和五年四月一日", "令和〇五年四月一日", "㋿5年4月1日",
        "5050401", "５０５０４０１", "20230401", "2023/4/1", "2023/04/01", "2023-04-01", "2023.4.1", "2023年4月1日",
        "2023‐04‐01", "2023−04−01", "R5−4−1", "令和5年4月1日(土)", "2023/4/1（土）", "2023-04-01 00:00:00", "2023-04-01T12:34:56.789", "2023/4/1 0:00",
    ],
)  # fmt: skip
def test_one_day_in_every_notation(written: str) -> None:
    """All of these are 1 April 2023."""
    assert read_date(written) == DateReading(value=FIRST_OF_APRIL)


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("令和元年5月1日", date(2019, 5, 1)), ("R1.5.1", date(2019, 5, 1)), ("R元.5.1", date(2019, 5, 1)),
        ("平成31年4月30日", date(2019, 4, 30)), ("H1.1.8", date(1989, 1, 8)), ("昭和64年1月7日", date(1989, 1, 7)),
        ("昭和元年12月25日", date(1926, 12, 25)), ("大正15年12月25日", date(1926, 12, 25)),
        ("大正元年7月30日", date(1912, 7, 30)), ("明治45年7月30日", date(1912, 7, 30)), ("1450730", date(1912, 7, 30)),
        ("明治6年1月1日", date(1873, 1, 1)), ("昭和五十年十二月三十一日", date(1975, 12, 31)),
        ("S十.十.二十", date(1935, 10, 20)), ("99991231", date(9999, 12, 31)), ("H24.2.29", date(2012, 2, 29)),
    ],
)  # fmt: skip
def test_days_at_the_edges_of_eras(written: str, day: date) -> None:
    """First and last days of eras are read without a remark; the day of a change of eras belongs to both."""
    assert read_date(written) == DateReading(value=day)


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("H31.5.1", date(2019, 5, 1)), ("平成31年12月31日", date(2019, 12, 31)), ("昭和64年1月8日", date(1989, 1, 8)),
        ("4311031", date(2019, 10, 31)), ("M45.7.31", date(1912, 7, 31)), ("T15.12.26", date(1926, 12, 26)),
    ],
)  # fmt: skip
def test_an_era_used_after_its_end_is_read_with_a_remark(written: str, day: date) -> None:
    """Until the end of the calendar year a date of the old era is the day that it means, and is noted."""
    assert read_date(written) == DateReading(value=day, note="late-era")


@pytest.mark.parametrize(
    "written",
    [
        "S50.00.00",
        "S50.4.00",
        "3500000",
        "昭和50年不詳",
        "昭和50年4月不詳",
        "昭和50年4月不詳日",
        "19750000",
        "1975/0/0",
        "不詳",
    ],
)
def test_an_unknown_day_is_no_date_and_is_noted(written: str) -> None:
    """What the register does not know is unknown here, and reported."""
    assert read_date(written) == DateReading(value=None, note="unknown-day")


@pytest.mark.parametrize("written", ["", " ", "　", "-", "－", "―", "…", "×", "0", "00000000", "0000000"])
def test_a_blank_is_no_date(written: str) -> None:
    """Blanks, marks of no figure and fields of zeros are no date and no remark."""
    assert read_date(written) == DateReading(value=None)


@pytest.mark.parametrize(
    ("written", "fault"),
    [
        ("5.9.1", "date-era-missing"), ("５．９．１", "date-era-missing"), ("23/4/1", "date-era-missing"),
        ("5年4月1日", "date-era-missing"),
        ("R5.2.29", "date-impossible"), ("20230230", "date-impossible"), ("R5.13.1", "date-impossible"),
        ("令和五年四月三十一日", "date-impossible"), ("99999999", "date-impossible"), ("2023-02-30", "date-impossible"),
        ("R1.4.30", "date-era-range"), ("H1.1.7", "date-era-range"), ("S1.12.24", "date-era-range"),
        ("S65.1.1", "date-era-range"), ("H32.1.1", "date-era-range"), ("R0.5.1", "date-era-range"),
        ("3990101", "date-era-range"), ("T16.1.1", "date-era-range"),
        ("M5.12.2", "date-lunar"), ("18721231", "date-lunar"), ("0001-01-01", "date-lunar"),
        ("45017", "date-serial"), ("４５０１７", "date-serial"), ("45017.5", "date-serial"), ("202304", "date-notation"), ("6050401", "date-notation"), ("令和5年4月", "date-notation"),
        ("令和五十十年四月一日", "date-notation"), ("令和十〇年四月一日", "date-notation"), ("二〇二三年四月一日", "date-notation"),
        ("X5.4.1", "date-notation"), ("R5.4.1.2", "date-notation"), ("2023-4", "date-notation"), ("April 1", "date-notation"),
        ("慶応3年1月1日", "date-notation"), ("12:00", "date-notation"),
    ],
)  # fmt: skip
def test_what_is_no_date_is_refused_with_its_reason(written: str, fault: str) -> None:
    """Each refusal says what is wrong, and neither the error nor its history holds the text."""
    with pytest.raises(NotationError) as caught:
        read_date(written)
    assert caught.value.fault == fault
    assert caught.value.args == (fault,)


def kanji(number: int) -> str:
    """A number below 100 in 漢数字."""
    tens, units = divmod(number, 10)
    return (KANJI[tens] if tens > 1 else "") + ("十" if tens else "") + (KANJI[units] if units else "")


@given(GREGORIAN)
def test_every_day_of_every_era_is_read_back(day: date) -> None:
    """A day in its own era by japanera's table, in figures, with 元 and in 漢数字, is read as that day."""
    modern = [era for era in ERA_DATA_GENERAL if era.kanji in MARKS and era.since <= day]
    name, mark = modern[-1].kanji, MARKS[modern[-1].kanji]
    year = day.year - modern[-1].since.year + 1
    numbers = f"{year}.{day.month}.{day.day}"
    notations = [
        f"{name}{year}年{day.month}月{day.day}日",
        f"{name}{'元' if year == 1 else year}年{day.month}月{day.day}日",
        f"{mark[0]}{numbers}",
        day.isoformat(),
        day.strftime("%Y%m%d"),
        f"{day.year}/{day.month}/{day.day}",
    ]
    notations.append(f"{mark[1]}{year:02}{day:%m%d}")
    notations.append(f"{name}{kanji(year)}年{kanji(day.month)}月{kanji(day.day)}日")
    assert [read_date(written).value for written in notations] == [day] * len(notations)


@pytest.mark.fuzz
@given(st.text() | st.text(alphabet="0123456789.-/年月日元RSHTM令和昭不詳十一〇Ｒ５ :T", max_size=14))
def test_any_text_is_a_date_or_a_refusal(text: str) -> None:
    """Whatever stands in a file, reading it gives a date, no date, or the documented error."""
    try:
        reading = read_date(text)
    except NotationError:
        return
    assert reading.value is None or date(1873, 1, 1) <= reading.value <= date.max
