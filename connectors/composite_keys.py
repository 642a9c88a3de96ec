"""Keys that only several columns together make: a number that each place counts for itself, with its year and place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from masking.arrow_types import pc, whole
from masking.canonical import canonical_text

SEPARATOR = "|"


@dataclass(frozen=True, slots=True, kw_only=True)
class Composed:
    """Composite keys.

    Attributes:
        values: the canonical texts of the parts joined by ``|``; null where a part is null.
        first_ambiguous: the first row in which a part holds the separator, so that two keys could read alike.
    """

    values: pa.Array[Any]
    first_ambiguous: int | None


def compose(parts: Sequence[pa.Array[Any]]) -> Composed:
    """Join typed columns to a key: integers in decimal, dates in ISO, texts in NFKC and trimmed."""
    texts = [canonical_text(part.cast(pa.string())) for part in parts]
    ambiguous: pa.Array[Any] = pa.repeat(pa.scalar(False), len(texts[0]))
    for text in texts:
        held = pc.fill_null(pc.match_substring(text, SEPARATOR), False)
        ambiguous = whole(pc.or_(ambiguous, held))
    first = int(pc.index(ambiguous, True).as_py())
    return Composed(
        values=whole(pc.binary_join_element_wise(*texts, SEPARATOR, null_handling="emit_null")),
        first_ambiguous=None if first < 0 else first,
    )
