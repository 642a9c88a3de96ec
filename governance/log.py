"""The log: JSON, one canonical line a request, and no data value in it (I7).

Keys are an allow-list. A key that is not on it does not reach the line: whoever adds one decides, here, that its values
can never be personal data.
"""

from __future__ import annotations

import sys
from collections.abc import MutableMapping
from typing import Any, TextIO

import structlog

ALLOWED_KEYS: frozenset[str] = frozenset(
    {
        "event", "level", "timestamp",
        "request", "action", "principal", "hat", "purpose", "recipient", "approval", "template",
        "outcome", "exit_status", "code", "controls", "articles", "engine", "policy", "guideline",
        "departments", "scans", "rows", "columns", "cells",
        "ledger_index", "ledger_size", "incident", "exception_type", "stage", "milliseconds",
        "pid", "reason", "files", "bytes", "digest", "deployment",
    }
)  # fmt: skip


def _only_allowed_keys(_logger: object, _name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    dropped = event.keys() - ALLOWED_KEYS
    kept = {key: value for key, value in event.items() if key in ALLOWED_KEYS}
    if dropped:
        kept["reason"] = f"{len(dropped)} keys not on the allow-list were dropped"
    return kept


def configure_log(stream: TextIO | None = None, *, level: int = 20) -> None:
    """Send the log as JSON lines to ``stream`` (standard error unless given)."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _only_allowed_keys,
            structlog.processors.JSONRenderer(ensure_ascii=False, sort_keys=True),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(file=stream or sys.stderr),
        cache_logger_on_first_use=False,
    )


def get_log() -> structlog.typing.FilteringBoundLogger:
    """The log of this process: as configured, else JSON on standard error; never without the allow-list."""
    if not structlog.is_configured():
        configure_log()
    log: structlog.typing.FilteringBoundLogger = structlog.get_logger()
    return log
