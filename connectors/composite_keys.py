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
        ambiguous: true where a part holds the separator, so that two keys could read alike; without nulls.
    """

    values: pa.Array[Any]
    ambiguous: pa.Array[Any]


def compose(parts: Sequence[pa.Array[Any]]) -> Composed:
    """Join typed columns to a key: integers in decimal, dates in ISO, texts in NFKC and trimmed."""
    texts = [canonical_text(part.cast(pa.string())) for part in parts]
    ambiguous: pa.Array[Any] = pa.repeat(pa.scalar(False), len(texts[0]))
    for text in texts:
        held = pc.fill_null(pc.match_substring(text, SEPARATOR), False)
        ambiguous = whole(pc.or_(ambiguous, held))
    return Composed(
        values=whole(pc.binary_join_element_wise(*texts, SEPARATOR, null_handling="emit_null")),
        ambiguous=ambiguous,
    )
