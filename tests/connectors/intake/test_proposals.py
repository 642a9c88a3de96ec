"""What is proposed of a column: by its header and its content, with a reason, and in doubt the stricter."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest

from connectors.intake.proposals import Proposal, propose
from connectors.intake.survey import Survey
from governance.catalogue import KeyKind, Label

KINDS = {
    "resident": KeyKind(
        name="resident", label=Label(ja="宛名番号", en="Resident number"), pattern="[0-9]{10}", pad=10, method="aes"
    )
}
ROWS = 40
NUMBERS = ["123456789018", "111111111118", "222222222225", "333333333332"]
"""Twelve digits with a right check digit (架空)."""


def one(title: str, values: list[str | None]) -> Proposal:
    """The proposal of a file's only other column."""
    cells = [values[at % len(values)] for at in range(ROWS)]
    columns: list[Any] = [pa.array([str(at) for at in range(ROWS)]), pa.array(cells, type=pa.string())]
    survey = Survey(encoding="utf-8", title_rows=0, titles=("通し", title), columns=tuple(columns))
    return propose(survey, kinds=KINDS, smallest_group=5)[1]


def unique(prefix: str) -> list[str | None]:
    return [f"{prefix}{at}" for at in range(ROWS)]


@pytest.mark.parametrize(
    ("title", "values", "column_class", "sensitivity", "type_"),
    [
        ("氏名", unique("架空"), "identifier", "normal", "text"),
        ("世帯主氏名", unique("架空"), "identifier", "normal", "text"),
        ("電話番号", unique("042-"), "identifier", "normal", "text"),
        ("住所", unique("見本町"), "identifier", "normal", "text"),
        ("口座番号", unique("10"), "identifier", "kibi", "text"),
        ("生年月日", ["S30.4.1", "昭和31年5月2日", "19570603"], "quasi_identifier", "normal", "date"),
        ("性別", ["男", "女"], "quasi_identifier", "normal", "text"),
        ("障害等級", ["1級", "2級"], "attribute", "youhairyo", "text"),
        ("要介護度", ["要介護1", "要介護2"], "attribute", "youhairyo", "text"),
        ("生活保護", ["有", "無"], "attribute", "kibi", "boolean"),
        ("手当額", ["10000", "20000"], "attribute", "kibi", "integer"),
        ("備考", ["", "なし"], "free_text", "kibi", "text"),
        ("番号", unique("A"), "identifier", "normal", "text"),
    ],
)  # fmt: skip
def test_headers_are_read(
    title: str, values: list[str | None], column_class: str, sensitivity: str, type_: str
) -> None:
    """Words of the header give class and sensitivity, the content the type; there is always a reason."""
    found = one(title, values)
    assert (found.column_class, found.sensitivity, found.type) == (column_class, sensitivity, type_)
    assert found.reasons


@pytest.mark.parametrize(
    ("values", "column_class"),
    [(unique("X"), "identifier"), (["甲", "乙"], "quasi_identifier"), (["1", "2"], "attribute"), (["R5.4.1"], "quasi_identifier")],
    ids=["all different", "few different", "integers", "dates"],
)  # fmt: skip
def test_a_header_that_says_nothing_is_taken_strictly(values: list[str | None], column_class: str) -> None:
    """Delicate, and in the stricter class: what differs from row to row may name a person."""
    found = one("ＸＹＺ", values)
    assert (found.column_class, found.sensitivity) == (column_class, "kibi")
    assert any("分からない" in reason.ja for reason in found.reasons)


@pytest.mark.parametrize(
    ("title", "values", "origin"),
    [
        ("個人番号", ["", "不詳"], "my_number"),
        ("番号2", NUMBERS, "my_number"),
        ("番号2", [*NUMBERS, "999999999999", "100000000000"], "my_number"),
        ("住民票コード", unique("1"), "resident_code"),
    ],
    ids=["by its header", "by its content", "by half of its content", "resident code"],
)
def test_what_looks_like_an_official_number_can_never_be_read(
    title: str, values: list[str | None], origin: str
) -> None:
    """Declared under its origin, which the policy refuses to every purpose."""
    found = one(title, values)
    assert (found.origin, found.column_class, found.key, found.codes) == (origin, "identifier", None, ())


def test_twelve_digits_without_check_digits_are_no_official_number() -> None:
    """Telephone and other numbers of twelve digits stay numbers."""
    assert one("番号2", ["123456789012", "123456789013"]).origin == "own"


@pytest.mark.parametrize("title", ["市民税額", "所得金額", "課税区分", "年収"])
def test_tax_is_taken_for_tax(title: str) -> None:
    """What speaks of income or tax is declared as of tax origin, which no purpose can use."""
    assert one(title, ["0", "100"]).origin == "tax"


def test_a_key_is_proposed_where_header_and_values_fit_its_kind() -> None:
    """Lost zeros do not matter; values of another form make it an identifier that never leaves."""
    fits = one("宛名番号", unique("12"))
    assert (fits.column_class, fits.key, fits.unique, fits.nulls) == ("key", "resident", True, "never")
    other = one("宛名番号", ["1.23E+14", "55"])
    assert (other.column_class, other.key) == ("identifier", None)
    assert any("合わない" in reason.ja for reason in other.reasons)


def test_rare_values_are_no_codes() -> None:
    """A draft does not carry a value that fewer rows have than the smallest group: it may be somebody's own."""
    assert one("地区", ["東", "西"]).codes == ("東", "西")
    values: list[str | None] = ["東"] * 36 + ["西"] * 4
    rare = one("地区", values)
    assert rare.codes == ()
    assert "西" not in "".join(reason.ja for reason in rare.reasons)


def test_a_blank_is_unknown_and_never_nothing() -> None:
    """Where a value is missing, NULL is proposed to mean unknown."""
    assert one("訪問回数", ["1", None]).nulls == "unknown"
    assert one("訪問回数", ["1", "2"]).nulls == "never"


def test_numbers_with_leading_zeros_and_codes_stay_text() -> None:
    """A code is no number: 01 is not 1."""
    assert one("区分コード", ["1", "2"]).type == "text"
    assert one("等級", ["01", "02"]).type == "text"


def test_long_texts_are_free_text() -> None:
    """Prose is free text, whatever its header promises."""
    prose: list[str | None] = [f"{at}月に訪問したところ、本人は留守で、隣の人から様子を聞いた。" for at in range(ROWS)]
    assert one("訪問状況", prose).column_class == "free_text"


def test_equal_headers_get_names_of_their_own() -> None:
    """Two columns of names are two columns."""
    columns: list[Any] = [pa.array(["架空"] * ROWS), pa.array(["カクウ"] * ROWS)]
    survey = Survey(encoding="utf-8", title_rows=0, titles=("氏名", "フリガナ"), columns=tuple(columns))
    assert [p.name for p in propose(survey, kinds=KINDS, smallest_group=5)] == ["name", "name_2"]
