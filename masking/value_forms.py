"""Forms of codes, numbers and addresses: position in an order, ceiling, band, town."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

import numpy as np
import pyarrow as pa

from governance.errors import BadInput
from governance.forms import band_labels
from masking.arrow_types import Values, pc, whole


def ordinal(values: Values, order: tuple[str, ...], *, dataset: str, column: str) -> pa.Array[Any]:
    """The position of each code in ``order``, from 0 (``int64``).

    Raises:
        BadInput: a code is not in the order. The scan fails: to drop the value would turn a new and perhaps graver
            code into *unknown* without anybody noticing. The message does not hold the code.
    """
    codes = whole(values)
    positions = pc.index_in(codes, value_set=pa.array(order, type=pa.string()))
    if positions.null_count > codes.null_count:
        raise BadInput("mask-code-unknown", dataset=dataset, column=column)
    return whole(positions.cast(pa.int64()))


def count(values: Values, ceiling: int | None) -> pa.Array[Any]:
    """The counts, those above the ceiling not told apart from it (``int64``)."""
    counts = whole(values)
    if ceiling is None:
        return counts
    return whole(pc.if_else(pc.greater(counts, ceiling), pa.scalar(ceiling, pa.int64()), counts))


def band(values: Values, edges: tuple[int, ...]) -> pa.Array[Any]:
    """The label of the band that each number lies in (``string``); see :func:`governance.forms.band_labels`."""
    numbers = whole(values)
    known = pc.fill_null(numbers, 0).to_numpy(zero_copy_only=False)
    indices = np.searchsorted(np.asarray(edges, dtype=np.int64), known, side="right")
    positions = pa.array(indices, type=pa.int32(), mask=pc.is_null(numbers).to_numpy(zero_copy_only=False))
    return whole(pc.take(pa.array(band_labels(edges), type=pa.string()), positions))


def town(values: Values, towns: tuple[str, ...], strip: tuple[str, ...]) -> pa.Array[Any]:
    """The longest declared town that each address begins with, null where it begins with none (``string``).

    Prefixes in ``strip`` (prefecture, city) are taken off first, as often as one stands there, the longest first.
    Addresses and names are compared in NFKC, so that half-width kana and full-width digits do not matter.
    """
    declared = {_folded(name): name for name in towns if _folded(name)}
    addresses = pc.replace_substring_regex(pc.utf8_normalize(whole(values), form="NFKC"), r"\s", "")
    if prefixes := [_folded(prefix) for prefix in strip if _folded(prefix)]:
        addresses = pc.replace_substring_regex(addresses, rf"\A(?:{_longest_first(prefixes)})+", "")
    if not declared:
        return pa.nulls(len(addresses), pa.string())
    found = pc.struct_field(pc.extract_regex(addresses, rf"\A(?P<town>{_longest_first(list(declared))})"), "town")
    positions = pc.index_in(found, value_set=pa.array(list(declared), type=pa.string()))
    return whole(pc.take(pa.array(list(declared.values()), type=pa.string()), positions))


def _folded(text: str) -> str:
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text))


def _longest_first(texts: list[str]) -> str:
    # RE2 takes the first alternative that fits, so the order of the alternatives is the rule "the longest".
    return "|".join(re.escape(text) for text in sorted(texts, key=len, reverse=True))
