"""The parser, with an end to its patience.

Where a text can be understood in more than one way, the parser tries one, goes back and tries the next. Some texts make
it do that at every word: ``JOIN b JOIN b …`` and ``+ IF + IF …`` double its work with each repetition, and sixty words
would keep the process that serves everybody busy for days. What people write takes it one to three steps a word.
"""

from __future__ import annotations

from sqlglot import exp
from sqlglot.dialects.duckdb import DuckDB
from sqlglot.parsers.duckdb import DuckDBParser

from governance.errors import BadInput

STEPS_PER_WORD = 20
STEPS_AT_LEAST = 200

_DUCKDB = DuckDB()


class _BoundedParser(DuckDBParser):
    """Counts the steps to and fro over the words of a text."""

    def __init__(self, steps: int) -> None:
        super().__init__(dialect=_DUCKDB)
        self._steps_left = steps

    def _advance(self, times: int = 1) -> None:
        self._steps_left -= 1
        if self._steps_left < 0:
            raise BadInput("sql-unreadable")  # an error of the parser's own would only make it try the next way
        super()._advance(times)


def statements_of(sql: str) -> list[exp.Expr]:
    """The statements of a text, as the parser understands them.

    Raises:
        SqlglotError: the text is no SQL; the error repeats it.
        BadInput: understanding it takes out of all proportion long.
    """
    tokens = _DUCKDB.tokenize(sql)
    parser = _BoundedParser(STEPS_AT_LEAST + STEPS_PER_WORD * len(tokens))
    return [statement for statement in parser.parse(tokens, sql) if statement is not None]
