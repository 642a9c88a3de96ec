"""Small parts of the generator: addresses, names, numbers, eras, chance."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reference.akishima.city.addresses import Streets, dwelling_key
from reference.akishima.city.days import era_digits, wareki_long, wareki_short
from reference.akishima.city.draw import Draw, Weighted
from reference.akishima.city.names import Namer, as_cp932, half_width, vocabulary
from reference.akishima.city.numbers import check_digit, distinct_numbers, invalid_individual_number
from reference.akishima.city.pyramid import CITY_POPULATION, Pyramid, scaled_counts
from reference.akishima.city.schools import schools
from tests.reference.loading import read_day

REAL_SCHOOLS = {
    "東", "共成", "富士見丘", "武蔵野", "玉川", "拝島第一", "拝島第二", "拝島第三", "つつじが丘", "光華", "成隣", "田中", "中神",
    "瑞雲", "拝島", "昭和", "福島", "清泉", "多摩辺",
}  # fmt: skip


@pytest.mark.parametrize(
    "address",
    [
        "田中町一丁目17番1号",
        "田中町1-17-1",
        "田中町１丁目１７－１",
        "田中町1丁目17番地の1",
        "昭島市田中町一丁目17番1号",
        "東京都昭島市田中町1−17−1",
    ],
)
def test_one_dwelling_one_key(address: str) -> None:
    """However an address is written, the dwelling is the same."""
    assert dwelling_key(address, "") == dwelling_key("東京都昭島市田中町一丁目17番1号", "")


@pytest.mark.parametrize("building", ["昭島ハイツ203号室", "昭島ハイツ２０３号室", "昭島ハイツ203", "昭島ハイツ－203"])
def test_one_room_one_key(building: str) -> None:
    """方書 is folded too."""
    assert dwelling_key("中神町1226番地3", building) == dwelling_key("昭島市中神町1226-3", "昭島ハイツ203号室")


def test_neighbours_have_other_keys() -> None:
    """Another house, another room, another block: another dwelling."""
    keys = [
        dwelling_key("田中町1-17-1", ""),
        dwelling_key("田中町1-17-11", ""),
        dwelling_key("田中町11-7-1", ""),
        dwelling_key("田中町1-17-1", "コーポ203号室"),
        dwelling_key("田中町1-17-1", "コーポ204号室"),
        dwelling_key("緑町1-17-1", ""),
    ]
    assert len(set(keys)) == len(keys)


@given(seed=st.integers(0, 10_000))
def test_every_way_of_writing_a_dwelling_folds_to_one_key(seed: int) -> None:
    """Whatever dwelling and notation are drawn, two members of one dwelling agree, and two dwellings differ."""
    streets = Streets(Draw(seed, "addresses"))
    first, second = streets.dwelling(), streets.dwelling()
    assert len({dwelling_key(*streets.written(first)) for _ in range(12)}) == 1
    assert dwelling_key(*streets.written(first)) != dwelling_key(*streets.written(second))


def test_check_digit_of_known_numbers() -> None:
    """The published example passes, its neighbour does not."""
    assert check_digit("12345678901") == 8
    assert check_digit("00000000000") == 0


@given(seed=st.integers())
def test_individual_numbers_are_never_valid(seed: int) -> None:
    """No draw gives a number that a check would take for a real one."""
    number = invalid_individual_number(Draw(seed, "numbers"))
    assert len(number) == 12
    assert check_digit(number[:11]) != int(number[11])


def test_numbers_are_distinct_even_when_the_range_is_tight() -> None:
    """All numbers of a range can be drawn, each once."""
    assert sorted(distinct_numbers(Draw(1, "n"), count=50, low=1, high=50)) == [f"{n:010}" for n in range(1, 51)]


@given(day=st.dates(date(1912, 7, 30), date(2040, 12, 31)))
def test_written_eras_read_back(day: date) -> None:
    """Each notation of the generator gives the same day again."""
    assert read_day(wareki_short(day)) == read_day(wareki_long(day)) == day
    if day >= date(1926, 12, 25):
        assert read_day(era_digits(day)) == day


@pytest.mark.parametrize(
    ("day", "short", "long", "digits"),
    [
        (date(1989, 1, 7), "S64.1.7", "昭和64年1月7日", "3640107"),
        (date(1989, 1, 8), "H1.1.8", "平成元年1月8日", "4010108"),
        (date(2019, 4, 30), "H31.4.30", "平成31年4月30日", "4310430"),
        (date(2019, 5, 1), "R1.5.1", "令和元年5月1日", "5010501"),
        (date(1926, 12, 24), "T15.12.24", "大正15年12月24日", "2151224"),
    ],
)
def test_eras_change_on_their_day(day: date, short: str, long: str, digits: str) -> None:
    """The last day of an era and the first of the next."""
    assert (wareki_short(day), wareki_long(day), era_digits(day)) == (short, long, digits)


def test_no_day_is_blank() -> None:
    """No date is written as nothing."""
    assert wareki_short(None) == ""


def test_half_width_kana() -> None:
    """Voiced marks stand apart; a legacy system stores small kana large."""
    assert half_width("サトウ ショウタ", legacy=False) == "ｻﾄｳ ｼｮｳﾀ"
    assert half_width("サトウ ショウタ", legacy=True) == "ｻﾄｳ ｼﾖｳﾀ"
    assert half_width("ワタナベ リュウ", legacy=True) == "ﾜﾀﾅﾍﾞ ﾘﾕｳ"


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("𠮷田　太郎", "〓田　太郎"),
        ("辻\U000e0100　花子", "〓　花子"),
        ("髙橋　﨑", "髙橋　﨑"),
        ("", ""),
        ("\U000e0100", "〓"),
    ],
)
def test_what_cp932_cannot_hold_becomes_a_geta_mark(text: str, written: str) -> None:
    """One mark a character, a selector together with its base; characters of CP932's extensions stay."""
    assert as_cp932(text) == written


@given(text=st.text())
def test_every_text_can_be_written_as_cp932(text: str) -> None:
    """No name stops a file from being written."""
    as_cp932(text).encode("cp932")


def test_school_names_are_fictional() -> None:
    """No school of the city has the name of a real one, whatever its size."""
    full = schools(CITY_POPULATION)
    assert Counter(school.junior for school in full) == {False: 13, True: 6}
    assert Counter(school.junior for school in schools(300)) == {False: 4, True: 2}
    names = {school.name.removesuffix("小学校").removesuffix("中学校") for school in full}
    assert len(names) == 19
    assert not names & REAL_SCHOOLS
    assert len({school.code for school in full}) == 19


def test_children_do_not_have_their_grandmothers_names() -> None:
    """Given names follow the cohort of birth, and nobody in a household has another member's name."""
    namer = Namer(Draw(4, "names"))
    young = {namer.given(sex=2, birth_year=2015, taken=frozenset())[0] for _ in range(300)}
    old = {namer.given(sex=2, birth_year=1945, taken=frozenset())[0] for _ in range(300)}
    assert not young & old
    names = [kanji for kanji, _ in vocabulary()["given"]["male"]["born_before_1960"]]
    assert namer.given(sex=1, birth_year=1940, taken=frozenset(names[1:]))[0] == names[0]


@given(
    st.lists(st.floats(0.0, 1e6, allow_nan=False), min_size=1).filter(lambda w: sum(w) > 1e-3), st.integers(0, 10**6)
)
def test_scaled_counts_sum_exactly(weights: list[float], total: int) -> None:
    """Rounding loses and invents nobody, and each count is within one of its exact share."""
    counts = scaled_counts(weights, total)
    assert sum(counts) == total
    for count, weight in zip(counts, weights, strict=True):
        assert abs(count - weight * total / sum(weights)) <= 1.0 + 1e-6


def test_pyramid_gives_each_person_once() -> None:
    """Taking is exact, and what is put back can be taken again."""
    pyramid = Pyramid(1_000)
    before = pyramid.left()
    sex, age = pyramid.take_any(Draw(1, "p"), low=0, high=101, wanted=lambda _: 1.0)
    assert pyramid.left() == before - 1
    pyramid.put_back(sex, age)
    assert pyramid.left() == before
    while pyramid.take(1, age=40.0, low=40, high=40) is not None:
        pass
    assert pyramid.take(1, age=40.0, low=40, high=40) is None
    assert pyramid.take(1, age=40.0, low=39, high=41) in {39, 41}
    with pytest.raises(LookupError):
        pyramid.take_any(Draw(1, "p"), low=200, high=300, wanted=lambda _: 1.0)


def test_draws_follow_their_weights() -> None:
    """Weighted picks, chances, binomials, Poisson and normal numbers have the means they should."""
    draw = Draw(11, "draws")
    picks = Counter(draw.weighted(Weighted((("a", 3.0), ("b", 1.0)))) for _ in range(8_000))
    assert picks["a"] / 8_000 == pytest.approx(0.75, abs=0.02)
    assert sum(draw.binomial(20, 0.3) for _ in range(2_000)) / 2_000 == pytest.approx(6.0, abs=0.2)
    assert sum(draw.poisson(1.5) for _ in range(4_000)) / 4_000 == pytest.approx(1.5, abs=0.1)
    assert sum(draw.normal(10.0, 2.0) for _ in range(4_000)) / 4_000 == pytest.approx(10.0, abs=0.15)
    assert sorted(draw.shuffled(range(30))) == list(range(30))
    assert {draw.between(2, 4) for _ in range(100)} == {2, 3, 4}


def test_streams_are_independent_and_repeatable() -> None:
    """One seed and name give one sequence; another name gives another."""
    first = [Draw(9, "a").share() for _ in range(2)]
    assert first[0] == first[1]
    assert Draw(9, "a").share() != Draw(9, "b").share() != Draw(10, "b").share()


def test_every_day_of_leap_february_has_an_earlier_year() -> None:
    """Going back from a leap day lands on 28 February."""
    from reference.akishima.city.days import years_before

    assert years_before(date(2024, 2, 29), 1) == date(2023, 2, 28)
    assert years_before(date(2024, 2, 29), 4) == date(2020, 2, 29)
    assert years_before(date(2023, 10, 1), 18) + timedelta(days=1) == date(2005, 10, 2)
