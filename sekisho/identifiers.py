"""A person's number as it is typed or piped: never an argument, which other users of the machine could read."""

from __future__ import annotations

import sys

import click

from governance.errors import BadInput, Lang

_LONGEST = 64


def read_identifier(lang: Lang) -> str:
    """The number, from the terminal without an echo, or from standard input.

    Raises:
        BadInput: there is none.
    """
    if sys.stdin.isatty():
        text = click.prompt("宛名番号" if lang == "ja" else "resident number", hide_input=True, err=True)
    else:
        text = sys.stdin.readline(_LONGEST + 1)
    identifier = str(text).strip()
    if not identifier or len(identifier) > _LONGEST:
        raise BadInput("suspension-nobody-named")
    return identifier
