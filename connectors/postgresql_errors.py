"""What PostgreSQL and its driver report, as errors of ours.

A server's words may hold a value and are in the server's language: SQLSTATE decides wherever there is one. A connection
that was never made has none; there, the words are looked at and never passed on.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from governance.errors import BadInput, SekishoError, Unavailable

_STATES: Mapping[str, str] = {
    "42501": "database-permission",
    "57014": "database-timeout",
    "55P03": "database-locked",
    "57P01": "database-lost",
    "57P02": "database-lost",
    "57P03": "database-unreachable",
    "57P05": "database-lost",
    "25P03": "database-lost",
    "53300": "database-busy",
}
"""SQLSTATE → code."""

_NO_TEXT = frozenset({"22021", "22P05"})
"""Bytes that the server cannot bring to UTF-8."""

_NOT_THERE = frozenset({"42P01", "42703", "3F000"})
"""A table, a column or a schema went away after it was looked up."""

_LOST = re.compile(
    "server closed the connection|connection to server was lost|no connection to the server|terminating connection"
    "|SSL SYSCALL error|could not receive data|could not send data|lost synchronization|connection not open"
)
_TLS = re.compile("certificate|SSL|TLS")
_BUSY = re.compile("too many|remaining connection slots|sorry, too many|接続が多すぎます|接続スロット")
_REFUSED = re.compile(r"FATAL:|authentication|no password supplied|fe_sendauth")
_STARTING = re.compile("starting up|shutting down|recovery mode|起動しています|停止しています|リカバリ")


def connecting(words: str, sqlstate: str | None, *, file: str) -> SekishoError:
    """The error for a connection that could not be made."""
    if code := _STATES.get(sqlstate or ""):
        return Unavailable(code, file=file)
    if _BUSY.search(words):
        return Unavailable("database-busy", file=file)
    if _STARTING.search(words):
        return Unavailable("database-unreachable", file=file)
    if _REFUSED.search(words):
        return Unavailable("database-login-refused", file=file)
    if _TLS.search(words):
        return Unavailable("database-tls", file=file)
    return Unavailable("database-unreachable", file=file)


def reading(words: str, sqlstate: str | None, *, file: str, dataset: str) -> SekishoError:
    """The error for a statement that failed on a connection that had been made."""
    if sqlstate in _NO_TEXT:
        return BadInput("source-not-unicode", file=file, dataset=dataset)
    if sqlstate in _NOT_THERE:
        return Unavailable("source-changed", dataset=dataset)
    if code := _STATES.get(sqlstate or ""):
        return Unavailable(code, file=file, dataset=dataset)
    if (sqlstate or "").startswith("08") or _LOST.search(words):
        return Unavailable("database-lost", file=file)
    return Unavailable("database-failed", file=file, dataset=dataset, state=sqlstate or "-")
