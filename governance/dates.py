"""Dates in a deployment's files: ISO text that is a day of the calendar."""

from __future__ import annotations

from datetime import date

from governance.errors import BadInput
from governance.located_yaml import Located


def check_date(located: Located, *path: str | int) -> None:
    """Refuse a date that the calendar does not have; ``null`` passes, the schema says where it may stand.

    Raises:
        BadInput: with file and line.
    """
    value = located.data
    for part in path:
        value = value[part]
    if value is None:
        return
    try:
        date.fromisoformat(value)
    except ValueError:
        raise BadInput("date-not-in-calendar", file=located.file, line=located.line(*path)) from None
