"""Days of the city: the base date, 和暦 as the departments write it, fiscal years and grades."""

from __future__ import annotations

from datetime import date, timedelta

BASE_DATE = date(2023, 10, 1)
"""The day on which the demonstration takes place."""

_ERAS = (
    (date(2019, 5, 1), "R", "令和", 5),
    (date(1989, 1, 8), "H", "平成", 4),
    (date(1926, 12, 25), "S", "昭和", 3),
    (date(1912, 7, 30), "T", "大正", 2),
)

_KANJI = "〇一二三四五六七八九"


def _era(day: date) -> tuple[str, str, int, int]:
    """Letter, name, 元号コード and year of the era of a day.

    Raises:
        ValueError: the day is before 大正; nobody on the register is that old.
    """
    for start, letter, name, code in _ERAS:
        if day >= start:
            return letter, name, code, day.year - start.year + 1
    raise ValueError("no era for this day")


def wareki_short(day: date | None) -> str:
    """``H25.4.1``, as 住民記録 writes it; blank for no day."""
    if day is None:
        return ""
    letter, _, _, year = _era(day)
    return f"{letter}{year}.{day.month}.{day.day}"


def wareki_long(day: date) -> str:
    """``平成25年4月1日``, the first year of an era as 元年, as 学齢簿 writes it."""
    _, name, _, year = _era(day)
    return f"{name}{'元' if year == 1 else year}年{day.month}月{day.day}日"


def era_digits(day: date) -> str:
    """``4250401``: 元号コード, year, month, day, as 介護保険 writes it."""
    _, _, code, year = _era(day)
    return f"{code}{year:02}{day.month:02}{day.day:02}"


def wareki_kanji(day: date) -> str:
    """``令和五年四月一日``, numbers in 漢数字."""
    _, name, _, year = _era(day)
    return f"{name}{'元' if year == 1 else _kanji(year)}年{_kanji(day.month)}月{_kanji(day.day)}日"


def wareki_slashes(day: date | None) -> str:
    """``R5/04/01``, as 生活保護 writes it; blank for no day."""
    if day is None:
        return ""
    letter, _, _, year = _era(day)
    return f"{letter}{year}/{day.month:02}/{day.day:02}"


def _kanji(number: int) -> str:
    """A number below one hundred: 五, 十, 十一, 三十一."""
    tens, units = divmod(number, 10)
    return ("" if tens == 0 else "十" if tens == 1 else f"{_KANJI[tens]}十") + (_KANJI[units] if units else "")


def fiscal_year(day: date) -> int:
    """The 年度 (April to March) of a day."""
    return day.year if day.month >= 4 else day.year - 1


def grade_on(birth: date, day: date) -> int:
    """The grade on a day: 1 to 6 小学校, 7 to 9 中学校, 10 to 12 up to the 31 March after reaching 18.

    Before school it is 0 or less. An age is reached on the day before the birthday (年齢計算ニ関スル法律), so a child
    born on 1 April belongs to the older cohort (学校教育法17条).
    """
    return fiscal_year(day) - fiscal_year(birth - timedelta(days=1)) - 6


def years_before(day: date, years: int) -> date:
    """The same day so many years earlier; 28 February where there is no 29th."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)
