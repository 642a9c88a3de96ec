"""Two spellings of one name or address compare alike; the official spelling is nobody's to change."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.address_folding import fold_address
from connectors.name_folding import fold_kana, fold_kanji, fold_roman

VARIANTS = ("髙高", "﨑崎", "齋斎", "斉斎", "齊斎", "邊辺", "邉辺", "濱浜", "濵浜", "櫻桜", "廣広", "澤沢", "嶋島", "嶌島", "眞真", "惠恵", "國国",
            "德徳", "瀨瀬", "𠮷吉", "凜凛", "ヶケ", "ヶが")  # fmt: skip


@pytest.mark.parametrize("pair", VARIANTS)
def test_every_listed_variant_compares_as_its_usual_character(pair: str) -> None:
    """Both of a pair fold to one, within a name too."""
    assert fold_kanji(pair[0]) == fold_kanji(pair[1])
    assert fold_kanji(f"{pair[0]}田 一") == fold_kanji(f"{pair[1]}田一")


@pytest.mark.parametrize(
    ("one", "other"),
    [("髙橋　一郎", "高橋一郎"), ("辻\U000e0100 花", "辻花"), ("ﾜﾀﾅﾍﾞ", "ワタナベ"), ("山田・太郎", "山田 太郎")],
)
def test_names_that_are_compared_as_one(one: str, other: str) -> None:
    """Separators, variation selectors and width do not matter."""
    assert fold_kanji(one) == fold_kanji(other)


@pytest.mark.parametrize(("one", "other"), [("高橋", "高端"), ("渡辺", "渡部"), ("翔", "翼"), ("美月", "美星")])
def test_names_that_stay_two(one: str, other: str) -> None:
    """What only looks or sounds alike is not folded; twins have such names."""
    assert fold_kanji(one) != fold_kanji(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ｼﾖｳﾀ", "ショウタ"), ("ｼﾖｳﾀ", "しょうた"), ("ﾘﾕｳ", "リュウ"), ("ﾜﾀﾅﾍﾞ", "ワタナベ"), ("ワタナヘ゛", "ワタナベ"), ("カ゛", "ガ"),
        ("ﾜﾀﾅﾍﾞ ｼﾖｳﾀ", "ワタナベ　ショウタ"), ("ミヅキ", "ミズキ"), ("フヂ", "フジ"), ("ヲ", "オ"), ("サトー", "サト－"), ("サトｰ", "サト‐"),
        ("スズキ・アン", "スズキ アン"), ("ﾊﾟｸ", "パク"),
    ],
)  # fmt: skip
def test_readings_that_are_compared_as_one(one: str, other: str) -> None:
    """Half-width, hiragana, detached voice marks, large kana of old systems, sound-alikes, long marks, separators."""
    assert fold_kana(one) == fold_kana(other)


@pytest.mark.parametrize(("one", "other"), [("ナカジマ", "ナカシマ"), ("ヤマザキ", "ヤマサキ"), ("ワタナベ", "ワタベ")])
def test_readings_that_stay_two(one: str, other: str) -> None:
    """Two readings of the same characters are two readings: a person decides, not a table."""
    assert fold_kana(one) != fold_kana(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("NGUYEN THI HOA", "Hoa Nguyen Thi"), ("ＬＥＥ　ＭＩＮ", "min lee"), ("GARCÍA JOSÉ", "Jose Garcia")],
)
def test_names_in_the_alphabet_whatever_their_order(one: str, other: str) -> None:
    """Registers write the family first, people often the given name."""
    assert fold_roman(one) == fold_roman(other)


ADDRESS = "東京都見本市"


@pytest.mark.parametrize(
    "written",
    [
        "田中町一丁目17番1号", "田中町1-17-1", "田中町１丁目１７－１", "田中町1丁目17番地の1", "東京都見本市田中町１丁目１７番１号", "田中町 1丁目 17番 1号",
        "田中町１‐１７‐１", "田中町１ー１７ー１", "田中町１丁目十七番一号",
    ],
)  # fmt: skip
def test_one_address_in_every_listed_notation(written: str) -> None:
    """All of these are one place."""
    assert fold_address(written, strip=("東京都見本市", "見本市")) == "田中町1-17-1"


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("中神町1226番地3", "中神町1226-3"), ("中神町1226番地", "中神町1226"), ("見本ハイツ２０３号室", "見本ハイツ203"),
        ("二宮町三丁目2番", "二宮町3-2"), ("十日市場町二十三番地", "十日市場町23"), ("サニーコーポ２－２０３", "サニーコーポ2-203"),
    ],
)  # fmt: skip
def test_areas_without_blocks_and_buildings(written: str, folded: str) -> None:
    """番地 areas and 方書; numerals that are part of a town's name stay, and so does the long mark of a word."""
    assert fold_address(written) == folded


def test_different_places_stay_different() -> None:
    """1-17-1 is not 11-7-1."""
    assert fold_address("田中町1-17-1") != fold_address("田中町11-7-1")


@pytest.mark.fuzz
@given(st.text(max_size=40))
def test_folding_twice_is_folding_once(text: str) -> None:
    """Whatever stands in a register can be folded, and stays what it is then."""
    assert fold_kanji(fold_kanji(text)) == fold_kanji(text)
    assert fold_roman(fold_roman(text)) == fold_roman(text)
    fold_kana(text)
    fold_address(text)
