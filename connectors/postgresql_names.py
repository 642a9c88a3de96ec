"""Names and texts inside of SQL for PostgreSQL."""

from __future__ import annotations


def quoted(name: str) -> str:
    """An identifier, exactly as it is written."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A text constant, whatever ``standard_conforming_strings`` says."""
    escaped = text.replace("\\", "\\\\").replace("'", "''")
    return f" E'{escaped}'" if "\\" in text else f"'{escaped}'"
