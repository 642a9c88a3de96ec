"""What a column may be, and why: from its header and from what stands in it; in doubt the stricter.

The words stand in ``words.yaml``. A program cannot know what a column means; what it says is where a person begins.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from typing import Any, Literal

import pyarrow as pa
import yaml

from connectors.dates import read_date
from connectors.intake.survey import Survey
from connectors.look_alikes import FEWEST, looks_like_number, looks_like_tax, number_like
from connectors.notations import NotationError, folded, read_boolean, read_integer
from governance.catalogue import ColumnClass, KeyKind, Label, Nulls, Origin, Sensitivity
from governance.forms import ColumnType
from masking.canonical import canonical_keys

_STRICTER: Sequence[Sensitivity] = ("normal", "kibi", "youhairyo")
_MOST_CODES = 24
_LONGEST_CODE = 20
_LONG_TEXT = 25
_MOSTLY = 0.95
_CODES_NAME = re.compile(r"住民票コード|コード", re.ASCII)
_YES_NO = frozenset({"有", "無", "あり", "なし", "○", "◯", "〇"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """What a column may be.

    Attributes:
        reasons: why, for people.
    """

    name: str
    title: str
    type: ColumnType
    column_class: ColumnClass
    sensitivity: Sensitivity
    origin: Origin
    key: str | None
    nulls: Nulls
    codes: tuple[str, ...]
    unique: bool
    reasons: tuple[Label, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Word:
    pattern: re.Pattern[str]
    name: str | None
    column_class: ColumnClass
    sensitivity: Sensitivity | None
    origin: Origin
    reason: Label


@dataclass(frozen=True, slots=True, kw_only=True)
class _Content:
    """What stands in a column."""

    texts: pa.Array[Any]
    filled: tuple[str, ...]
    distinct: Mapping[str, int]

    @property
    def unique(self) -> bool:
        return len(self.filled) == len(self.texts) == len(self.distinct)

    @property
    def mostly_distinct(self) -> bool:
        return 2 * len(self.distinct) > len(self.filled)


def propose(survey: Survey, *, kinds: Mapping[str, KeyKind], smallest_group: int) -> tuple[Proposal, ...]:
    """What each column of a file may be.

    Args:
        kinds: the kinds of key that the catalogue knows.
        smallest_group: a value that fewer rows have is not written into a draft as a code.
    """
    taken: Counter[str] = Counter()
    proposals = []
    for position, (title, texts) in enumerate(zip(survey.titles, survey.columns, strict=True), start=1):
        proposal = _proposed(title, texts, position=position, kinds=kinds, smallest_group=smallest_group)
        taken[proposal.name] += 1
        if taken[proposal.name] > 1:
            proposal = replace(proposal, name=f"{proposal.name}_{taken[proposal.name]}")
        proposals.append(proposal)
    return tuple(proposals)


def _proposed(
    title: str, texts: pa.Array[Any], *, position: int, kinds: Mapping[str, KeyKind], smallest_group: int
) -> Proposal:
    filled = tuple(str(text) for text in texts.drop_null().to_pylist())
    content = _Content(texts=texts, filled=filled, distinct=Counter(filled))
    plain = unicodedata.normalize("NFKC", title)
    nulls: Nulls = "never" if len(filled) == len(texts) else "unknown"
    base = Proposal(
        name=f"item_{position:02d}",
        title=title,
        type="text",
        column_class="attribute",
        sensitivity="normal",
        origin="own",
        key=None,
        nulls=nulls,
        codes=(),
        unique=content.unique,
        reasons=(),
    )
    if (special := _official_number(base, plain, content)) is not None:
        return special
    if (key := _key(base, plain, content, kinds=kinds)) is not None:
        return key
    return _coded(_classified(_typed(base, plain, content), plain, content), content, smallest_group=smallest_group)


def _official_number(base: Proposal, title: str, content: _Content) -> Proposal | None:
    """個人番号 and 住民票コード, by header or by check digit: they are declared so that nobody can ever read them."""
    by_title, alike = looks_like_number(title), number_like(content.texts)
    by_content = alike >= FEWEST and 2 * alike >= len(content.filled)
    if not by_title and not by_content:
        return None
    resident_code = "住民票" in title
    why = (
        Label(ja="見出しが個人番号等に当たる", en="the header speaks of an official number")
        if by_title
        else Label(
            ja="12桁で検査数字の合う値が半分以上ある", en="half of the values are 12 digits with a right check digit"
        )
    )
    never = Label(ja="登録しても、だれにも読めない", en="once registered, nobody can ever read it")
    return replace(
        base,
        name="resident_code" if resident_code else "individual_number",
        column_class="identifier",
        sensitivity="kibi",
        origin="resident_code" if resident_code else "my_number",
        reasons=(why, never),
    )


def _key(base: Proposal, title: str, content: _Content, *, kinds: Mapping[str, KeyKind]) -> Proposal | None:
    """A key, where the header is the name of its kind and the values fit it."""
    for kind in kinds.values():
        if unicodedata.normalize("NFKC", kind.label.ja) not in title or not content.filled:
            continue
        rejected = canonical_keys(content.texts, kind).rejections()
        if rejected:
            count = Label(
                ja=f"{kind.label.ja}の桁や形に合わない値が {rejected} 行ある（識別子の種類を確かめる）",
                en=f"{rejected} rows do not fit the form of {kind.label.en} (look at its kind)",
            )
            return replace(base, name=f"{kind.name}_id", column_class="identifier", reasons=(count,))
        fits = Label(ja=f"見出しと値が{kind.label.ja}に合う", en=f"header and values fit {kind.label.en}")
        once = Label(ja="重複がない", en="each value stands once")
        reasons = (fits, once) if content.unique else (fits,)
        return replace(base, name=f"{kind.name}_id", column_class="key", key=kind.name, reasons=reasons)
    return None


def _typed(base: Proposal, title: str, content: _Content) -> Proposal:
    """The type, by what every value can be read as."""
    if not content.filled:
        empty = Label(ja="値が一つもない", en="there is no value in it")
        return replace(base, reasons=(*base.reasons, empty))
    written = {folded(text) for text in content.distinct}
    if written <= _YES_NO:
        return replace(base, type="boolean") if _all(content, "boolean") else base
    digits_only = all(text.isdecimal() for text in written)
    if not digits_only or re.search(r"日|年月|date", title, re.IGNORECASE):
        share = _readable(content, "date")
        if share == 1.0:
            return replace(
                base, type="date", reasons=(*base.reasons, Label(ja="日付として読める", en="reads as dates"))
            )
        if share >= _MOSTLY:
            left = len(content.filled) - round(share * len(content.filled))
            note = Label(ja=f"日付として読めない値が {left} 行ある", en=f"{left} values do not read as dates")
            return replace(base, type="date", reasons=(*base.reasons, note))
    numbered = re.search(r"番号|コード|区分|ID|No", title, re.IGNORECASE)
    leading_zero = any(len(text) > 1 and text.startswith("0") for text in written)
    if not numbered and not leading_zero and _all(content, "integer"):
        return replace(base, type="integer")
    return base


def _classified(base: Proposal, title: str, content: _Content) -> Proposal:
    """Class, sensitivity and origin, by the words of the header; without any, by the content and strictly."""
    words = [word for word in _words() if word.pattern.search(title)]
    reasons = [*base.reasons, *(word.reason for word in words)]
    sensitivity: Sensitivity = max(
        (word.sensitivity or "normal" for word in words), key=_STRICTER.index, default="kibi"
    )
    origin: Origin = next((word.origin for word in words if word.origin != "own"), "own")
    if looks_like_tax(title):
        origin, sensitivity = "tax", max(sensitivity, "kibi", key=_STRICTER.index)
        reasons.append(Label(ja="税・所得に当たる（使えない）", en="tax or income (cannot be used)"))
    if words:
        column_class, name = words[0].column_class, next((word.name for word in words if word.name), base.name)
    else:
        column_class, name = _by_content(base, content), base.name
        reasons.append(
            Label(
                ja="見出しから意味が分からないため、機微とし、厳しい区分にした",
                en="the header does not tell what it is: taken as delicate, in the stricter class",
            )
        )
    if base.type == "text" and (not words or column_class != "identifier") and _reads_like_prose(content):
        column_class = "free_text"
        reasons.append(Label(ja="長い文が入っている", en="long texts stand in it"))
    return replace(
        base, name=name, column_class=column_class, sensitivity=sensitivity, origin=origin, reasons=tuple(reasons)
    )


def _by_content(base: Proposal, content: _Content) -> ColumnClass:
    if base.type in ("integer", "boolean"):
        return "attribute"
    if base.type == "date":
        return "quasi_identifier"
    return "identifier" if content.mostly_distinct else "quasi_identifier"


def _reads_like_prose(content: _Content) -> bool:
    return content.mostly_distinct and any(len(text) > _LONG_TEXT for text in content.filled)


def _coded(base: Proposal, content: _Content, *, smallest_group: int) -> Proposal:
    """Codes, where a text column has few values and each of them is common enough to be no person's own."""
    if base.type != "text" or base.column_class not in ("attribute", "quasi_identifier") or not content.filled:
        return base
    values = Counter(unicodedata.normalize("NFKC", text).strip() for text in content.filled)
    if len(values) > _MOST_CODES or any(len(value) > _LONGEST_CODE for value in values):
        return base
    rare = [value for value, rows in values.items() if rows < smallest_group]
    if rare:
        note = Label(
            ja=f"値は {len(values)} 種類。{smallest_group} 行未満の値があるため、コードの候補は書かない",
            en=f"{len(values)} different values, some in fewer than {smallest_group} rows: no codes are proposed",
        )
        return replace(base, reasons=(*base.reasons, note))
    return replace(base, codes=tuple(sorted(values)))


def _all(content: _Content, kind: Literal["boolean", "integer"]) -> bool:
    return _readable(content, kind) == 1.0


def _readable(content: _Content, kind: Literal["boolean", "integer", "date"]) -> float:
    """The share of the filled rows that read as values of a type."""
    read = 0
    for text, rows in content.distinct.items():
        try:
            match kind:
                case "boolean":
                    read_boolean(text)
                case "integer":
                    read_integer(text)
                case "date":
                    read_date(text)
        except NotationError:
            continue
        read += rows
    return read / len(content.filled)


@cache
def _words() -> tuple[_Word, ...]:
    text = resources.files("connectors.intake").joinpath("words.yaml").read_text(encoding="utf-8")
    return tuple(
        _Word(
            pattern=re.compile(entry["words"], re.IGNORECASE),
            name=entry.get("name"),
            column_class=entry["class"],
            sensitivity=entry.get("sensitivity"),
            origin=entry.get("origin", "own"),
            reason=Label(ja=entry["reason"]["ja"], en=entry["reason"]["en"]),
        )
        for entry in yaml.safe_load(text)
    )
