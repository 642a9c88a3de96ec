"""A fixed generator of tracker triples over a thousand random persons isolates nobody (R17-3).

For each person the generator asks three questions of which no two tell about the person and all three do: a whole, a part
and the rest without the person; two populations that overlap in the person's class, and their union; a table, another
one, and one of both without the person; and some that tell nothing. Those that the guard lets pass are looked at by an
oracle that has the persons and all of linear algebra. The guard has to say the same: it lets nothing pass that tells
about a few, and it refuses nothing that does not.
"""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from governance.errors import BadInput
from query_broker import combinations
from query_broker.combinations import tells_of_few
from query_broker.differencing import Partition, too_close
from tests.query_broker.released_numbers import K, Mask, Sketcher, isolates, town

TOWN = town(1)
SKETCHER = Sketcher(TOWN)


def triple(person: int, chance: random.Random) -> tuple[list[Mask], ...]:
    """Three questions, each as the groups that it asks for."""
    facts = TOWN.facts
    everybody = np.ones(TOWN.persons, dtype=np.bool_)

    def like(*names: str) -> Mask:
        return np.logical_and.reduce([facts[name] == facts[name][person] for name in names])

    def by(name: str, among: Mask) -> list[Mask]:
        return [among & (facts[name] == value) for value in range(int(facts[name].max()) + 1)]

    meant = like(*chance.choice((("age", "sex", "place"), ("age", "place", "band"), ("age", "place"))))
    split = facts[chance.choice(("age", "place", "band"))] <= chance.choice((1, 2))
    one, other = like("age", "sex"), like("place", "band")
    shapes = (
        ([everybody], [split & ~meant], [~split]),
        ([one], [other], [one | other]),
        (by("sex", everybody), by("band", split), by("sex", ~split & ~meant)),
        (by("band", everybody), [split], [~split & ~meant]),
        (by("sex", everybody), by("place", everybody), [facts["age"] <= facts["age"][person]]),
        (by("sex", everybody), by("age", split), [one | other]),
    )
    return shapes[chance.randrange(len(shapes))]


def play(questions: tuple[list[Mask], ...]) -> str:
    """Ask in order until the guard refuses; what came of it."""
    released: list[Mask] = []
    earlier: list[Partition] = []
    for groups in questions:
        shown = SKETCHER.released(groups)
        if not shown or isolates(shown, TOWN):
            continue  # what one answer tells is not judged here
        new = SKETCHER.partition(shown)
        told = isolates([*released, *shown], TOWN)
        near = any(too_close((new,), (before,), smallest=K) for before in earlier)
        refused = near or tells_of_few((new,), [(before,) for before in earlier], smallest=K)
        assert refused == told
        if refused:
            return "refused for one" if near else "refused for several"
        released += shown
        earlier.append(new)
    return "passed"


def test_no_tracker_triple_isolates_anybody() -> None:
    """Over a thousand persons the guard refuses exactly what tells about a few, much of it nothing that a pair tells."""
    chance = random.Random(17)
    met = Counter(play(triple(person, chance)) for person in range(TOWN.persons))
    assert TOWN.persons == 1_000
    assert min(met[each] for each in ("passed", "refused for one", "refused for several")) > 30, met


def test_any_number_of_answers_is_compared_together() -> None:
    """Of nine answers no eight tell about the person: a whole, and parts that make it up but for one."""
    places = [TOWN.facts["place"] == place for place in range(9)]
    meant = places[8] & (TOWN.facts["age"] == 3) & (TOWN.facts["sex"] == 1)
    parts = [np.ones(TOWN.persons, dtype=np.bool_), *places[:8], places[8] & ~meant]
    partitions = [SKETCHER.partition([part]) for part in parts]
    assert 0 < meant.sum() < K
    for number in range(1, 9):
        assert not tells_of_few((partitions[number],), [(each,) for each in partitions[:number]], smallest=K)
    assert tells_of_few((partitions[9],), [(each,) for each in partitions[:9]], smallest=K)


def test_numbers_that_count_twice_are_found() -> None:
    """A sum may have other coefficients than one: twice a whole, less three parts of which each two share the rest."""
    band, age = TOWN.facts["band"], TOWN.facts["age"]
    meant = (band == 0) & (age == 5) & (TOWN.facts["place"] < 2)
    parts = [(band == 0) | (band == 1), (band == 1) | (band == 2), ((band == 2) | (band == 0)) & ~meant]
    whole = SKETCHER.partition([band < 3])
    earlier = [(whole,), *((SKETCHER.partition([part]),) for part in parts[:2])]
    assert 0 < meant.sum() < K
    assert tells_of_few((SKETCHER.partition([parts[2]]),), earlier, smallest=K)


@pytest.mark.parametrize("parts", [3, 4, 7, 8])
@pytest.mark.parametrize("size", [K, 40])
def test_persons_that_count_in_every_part_are_found(parts: int, size: int) -> None:
    """Parts of which each has the same few persons, and a whole without them: their sum has the few as often as there
    are parts, which makes it long, and says of them what one does.
    """

    def among(first: int, last: int) -> Mask:
        persons = np.zeros(TOWN.persons, dtype=np.bool_)
        persons[first:last] = True
        return persons

    few = among(TOWN.persons - 2, TOWN.persons)
    homes = [np.flatnonzero(TOWN.household == home)[0] for home in dict.fromkeys(TOWN.household.tolist())]
    own = [np.isin(np.arange(TOWN.persons), homes[at * size : (at + 1) * size]) for at in range(parts)]
    assert not (few & np.logical_or.reduce(own)).any()
    earlier = [(SKETCHER.partition([part | few]),) for part in own]
    assert not any(tells_of_few(earlier[at], earlier[:at], smallest=K) for at in range(1, parts))
    assert tells_of_few((SKETCHER.partition([np.logical_or.reduce(own)]),), earlier, smallest=K)


def test_beyond_the_numbers_that_are_searched_in_full_every_three_are(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever asks for many numbers first does not get by: sums of three are searched whatever else was asked."""
    monkeypatch.setattr(combinations, "MOST_REDUCED", 4)
    ages = [TOWN.facts["age"] == age for age in range(18)]
    meant = ages[3] & (TOWN.facts["place"] == 2)
    split = TOWN.facts["band"] < 2
    earlier = [(SKETCHER.partition(ages),), (SKETCHER.partition([split & ages[3] & ~meant]),)]
    assert 0 < (meant & split).sum() < K
    assert tells_of_few((SKETCHER.partition([~split & ages[3]]),), earlier, smallest=K)
    assert not tells_of_few((SKETCHER.partition([TOWN.facts["sex"] == 0]),), earlier, smallest=K)


@pytest.mark.parametrize(("limit", "value"), [("MOST_WORK", 300), ("MOST_COMPARED", 18)])
def test_more_than_can_be_compared_is_refused(monkeypatch: pytest.MonkeyPatch, limit: str, value: int) -> None:
    """What cannot be compared at a bounded cost is not released; the refusal says how many numbers there are."""
    monkeypatch.setattr(combinations, "MOST_REDUCED", 4)
    monkeypatch.setattr(combinations, limit, value)
    earlier = [(SKETCHER.partition([TOWN.facts["age"] == age for age in range(18)]),)]
    with pytest.raises(BadInput) as refusal:
        tells_of_few((SKETCHER.partition([TOWN.facts["sex"] == 0]),), earlier, smallest=K)
    assert (refusal.value.code, refusal.value.params) == ("answer-too-many-compared", {"limit": 18})


def test_that_nobody_is_left_tells_where_conditions_are_sensitive() -> None:
    """A whole, those of whom something holds and those of whom something else does: that there are no others is said of
    each. Under one condition it is arithmetic; and so is what was counted with its rest.
    """
    part = TOWN.facts["band"] < 2
    whole, some = SKETCHER.partition([np.ones_like(part)], "all"), SKETCHER.partition([part], "some")
    others = SKETCHER.partition([~part], "others")
    assert tells_of_few((others,), [(whole,), (some,)], smallest=K)
    assert not tells_of_few(
        (SKETCHER.partition([~part], "all"),), [(whole,), (SKETCHER.partition([part], "all"),)], smallest=K
    )
    rest = replace(others, rest_of=("all", "some"))
    assert not tells_of_few((others,), [(whole, some, rest)], smallest=K)


def test_what_somebody_has_already_is_not_new() -> None:
    """The same number again tells nothing, beside whatever else."""
    whole, part = (SKETCHER.partition([mask]) for mask in (TOWN.facts["age"] < 18, TOWN.facts["band"] < 2))
    assert not tells_of_few((part,), [(whole,), (part,)], smallest=K)
