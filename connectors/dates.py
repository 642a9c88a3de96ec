"""Dates as departments write them: eras (和暦), ISO and its relatives, eight digits, and seven with an era code.

Read: ``R5.4.1``, ``令和5年4月1日``, ``令和五年四月一日``, ``令和元年5月1日``, ``R5/04/01``, ``20230401``,
``5050401`` (era code, then YYMMDD), ``2023/4/1``, ``2023-04-01``, all in full-width too. A time of day is dropped.

A day of the week in brackets is dropped.

Not read: a year without its era or its century (``5.9.1``), and five digits: a spreadsheet's serial number is a date
only where the cell's own type says so. The text does not tell (two calendars of serials lie four years apart).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from japanera import ERA_DATA_GENERAL

from connectors.notations import NO_VALUE, NotationError, folded

Note = Literal["unknown-day", "late-era"]
"""What was noticed while reading: month or day not known (the date is null), or an era used after its end."""

_FIRST_GREGORIAN_DAY = date(1873, 1, 1)
"""Japan's calendar was lunar before; an older date in the notation of an era is another day than its numbers say."""

_ERA_NAMES = ("明治", "大正", "昭和", "平成", "令和")
_ERAS = {era.kanji: (era.since, era.until) for era in ERA_DATA_GENERAL if era.kanji in _ERA_NAMES}
_ERA_OF_MARK = {
    mark: name
    for name, marks in zip(_ERA_NAMES, ("明M1", "大T2", "昭S3", "平H4", "令R5"), strict=True)
    for mark in (name, *marks)
}

_SHARED_DAY = {"明治": 1, "大正": 1}
"""明治45年7月30日 is 大正元年7月30日, and 大正15年12月25日 is 昭和元年12月25日; later eras changed at midnight."""

_NUMBER = r"[0-9]{1,2}|[〇一二三四五六七八九十]{1,3}"
_PART = rf"({_NUMBER}|不詳|不明)"
_ERA_DATE = re.compile(
    rf"(明治|大正|昭和|平成|令和|[明大昭平令MTSHR])({_NUMBER}|元)[年./-]{_PART}[月./-]{_PART}日?", re.IGNORECASE
)
_WESTERN_DATE = re.compile(rf"([0-9]{{4}})[年./-]{_PART}[月./-]{_PART}日?")
_TIME = re.compile(r"(?<=[0-9])[T\s]+[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?\s*\Z")
_ERALESS = re.compile(r"[0-9]{1,2}[年./-][0-9]{1,2}[月./-][0-9]{1,2}日?")
_WEEKDAY = re.compile(r"[(][日月火水木金土](?:曜日?)?[)]\Z")
_SERIAL = re.compile(r"[1-9][0-9]{4}(?:\.[0-9]+)?")
_KANJI_DIGITS = {digit: value for value, digit in enumerate("〇一二三四五六七八九")}
_UNKNOWN = ("不詳", "不明")


@dataclass(frozen=True, slots=True, kw_only=True)
class DateReading:
    """The date that a text says, ``None`` where it says none, and what was noticed."""

    value: date | None
    note: Note | None = None


_NOTHING = DateReading(value=None)
_UNKNOWN_DAY = DateReading(value=None, note="unknown-day")


def read_date(text: str) -> DateReading:
    """Read one date.

    An unknown month or day (``S50.00.00``, ``昭和50年不詳``, foreign registers) gives no date and the note
    ``unknown-day``. An era used after its end is read, with the note ``late-era``, to the end of that calendar year
    (``H31.5.1``, ``昭和64年1月8日``): forms and habits outlive an era by months, typing errors by years.

    Raises:
        NotationError: the text is no date in a notation above, or the calendar or the era does not have that day.
    """
    written = _WEEKDAY.sub("", folded(_TIME.sub("", text)))
    if written in NO_VALUE or (written.isdecimal() and not written.strip("0")):
        return _NOTHING
    if re.fullmatch("[0-9]{8}", written):
        return _western(int(written[:4]), int(written[4:6]), int(written[6:]))
    if re.fullmatch("[1-5][0-9]{6}", written):
        return _of_era(_ERA_OF_MARK[written[0]], int(written[1:3]), int(written[3:5]), int(written[5:]))
    if found := _ERA_DATE.fullmatch(written):
        mark, year, month, day = found.groups()
        return _of_era(_ERA_OF_MARK[mark.upper()], 1 if year == "元" else _number(year), _number(month), _number(day))
    if found := _WESTERN_DATE.fullmatch(written):
        year, month, day = found.groups()
        return _western(int(year), _number(month), _number(day))
    if written.endswith(_UNKNOWN):
        return _UNKNOWN_DAY
    if _SERIAL.fullmatch(written):
        raise NotationError("date-serial")
    raise NotationError("date-era-missing" if _ERALESS.fullmatch(written) else "date-notation")


def _number(text: str) -> int:
    """A number up to 99 in digits or in 漢数字; 0 for *unknown*."""
    if text in _UNKNOWN:
        return 0
    if text[0] in "0123456789":
        return int(text)
    tens, ten, units = text.rpartition("十")
    if not ten:
        return int("".join(str(_KANJI_DIGITS[digit]) for digit in text)) if len(text) < 3 else 100
    if len(tens) > 1 or len(units) > 1 or "〇" in tens + units or "十" in tens:
        raise NotationError("date-notation")
    return 10 * (_KANJI_DIGITS[tens] if tens else 1) + (_KANJI_DIGITS[units] if units else 0)


def _western(year: int, month: int, day: int) -> DateReading:
    if year < _FIRST_GREGORIAN_DAY.year:
        raise NotationError("date-lunar")
    if month == 0 or day == 0:
        return _UNKNOWN_DAY
    try:
        return DateReading(value=date(year, month, day))
    except ValueError:
        raise NotationError("date-impossible") from None


def _of_era(name: str, year: int, month: int, day: int) -> DateReading:
    since, until = _ERAS[name]
    if year == 0:
        raise NotationError("date-era-range")
    reading = _western(since.year + year - 1, month, day)
    if reading.value is None:
        return reading
    if reading.value < since or (until is not None and reading.value.year > until.year):
        raise NotationError("date-era-range")
    # The day on which an era ended belongs to both, and japanera gives the first day of the next one.
    late = until is not None and reading.value >= until + timedelta(days=_SHARED_DAY.get(name, 0))
    return DateReading(value=reading.value, note="late-era" if late else None)
