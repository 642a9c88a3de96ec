"""The codebook of a package as a table: every column, what its values are, and what a missing value means."""

from __future__ import annotations

import csv
import io
from typing import Any

_HEADINGS = (
    "column", "label_ja", "label_en", "role", "type", "form", "values", "missing", "missing_ja", "missing_en",
    "note_ja", "note_en",
)  # fmt: skip


def codebook_bytes(manifest: dict[str, Any]) -> bytes:
    """The codebook as CSV: UTF-8 with a byte order mark, so that Excel reads it."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(_HEADINGS)
    for column in manifest["columns"]:
        label, missing, note = column["label"], column["missing"], column["note"] or {"ja": "", "en": ""}
        values = " | ".join(column["values"])
        writer.writerow(
            (
                column["name"], label["ja"], label["en"], column["role"], column["type"], column["form"], values,
                missing["means"], missing["ja"], missing["en"], note["ja"], note["en"],
            )
        )  # fmt: skip
    return text.getvalue().encode("utf-8-sig")
