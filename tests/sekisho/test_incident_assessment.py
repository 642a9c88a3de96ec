"""Whether an incident has to be reported: every way to an answer, its boundaries, and what people may say."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from governance.catalogue import Catalogue
from governance.errors import BadInput
from sekisho.incident_assessment import Assessment, Persons, assess, explained, required
from sekisho.incident_extent import Extent, Item, Part
from sekisho.incident_papers import persons_text
from tests.policies import world

LABEL = {"ja": "場合", "en": "kind"}
TERMS: dict[str, Any] = {
    "triggers": {
        "special": {"label": LABEL, "sensitivity": ["youhairyo"]},
        "purse": {"label": LABEL, "items": ["a.person.income"], "people": True},
        "many": {"label": LABEL, "more_than": 100},
        "evil": {"label": LABEL, "people": True},
    }
}
UNDECIDED = {"purse": False, "evil": False}


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    """Of the small neutral city."""
    return world.catalogue()


def item(dataset: str, column: str, *, of_persons: bool = True) -> Item:
    """An item that stood in what leaked."""
    return Item(department=dataset.partition(".")[0], dataset=dataset, column=column, shown=True, of_persons=of_persons)


def leaked(*items: Item, least: int = 1, most: int | None = 1, whole: bool = True) -> Extent:
    """Something with some items about a number of persons."""
    part = Part(
        index=1,
        kind="release",
        at="",
        recipient=None,
        rows=least,
        aggregate=False,
        one_each=True,
        items=items,
        scans=(),
    )
    return Extent(
        parts=(part,), whole=whole, least=least, most=most, by_kind={}, tags={"person": np.array([1], dtype=np.uint64)}
    )


def judged(extent: Extent, catalogue: Catalogue, found: int | None = None, **facts: bool) -> Assessment:
    """As assessed."""
    return assess(extent, terms=TERMS, facts=facts, found=found, catalogue=catalogue)


PLAIN, SPECIAL, INCOME = item("a.person", "level"), item("b.visit", "stage"), item("a.person", "income")


def test_a_special_item_is_enough(catalogue: Catalogue) -> None:
    """One person and one item; the calculation names the item."""
    done = judged(leaked(PLAIN, SPECIAL), catalogue, **UNDECIDED)
    assert done.required == "yes"
    assert done.facts == {"special": "yes", "purse": "no", "many": "no", "evil": "no"}
    special = done.findings[0]
    assert ([each.name for each in special.items], special.by) == (["b.visit.stage"], "items")


def test_nothing_of_any_kind_need_not_be_reported(catalogue: Catalogue) -> None:
    """Where people have answered what only they can."""
    assert judged(leaked(PLAIN), catalogue, **UNDECIDED).required == "no"


def test_what_nobody_has_answered_is_not_no(catalogue: Catalogue) -> None:
    """One question open is enough for the whole to be unknown."""
    done = judged(leaked(PLAIN), catalogue, purse=False)
    assert (done.facts["evil"], done.required) == ("unknown", "unknown")
    assert {each.by for each in done.findings if each.name == "evil"} == {"nothing"}


@pytest.mark.parametrize(
    ("least", "most", "answer"),
    [
        (100, 100, "no"),
        (101, 101, "yes"),
        (0, 100, "no"),
        (0, 101, "unknown"),
        (101, None, "yes"),
        (3, None, "unknown"),
    ],
)
def test_more_than_a_hundred_is_a_hundred_and_one(
    least: int, most: int | None, answer: str, catalogue: Catalogue
) -> None:
    """Both ends of what is known decide; between them it is not known."""
    assert judged(leaked(PLAIN, least=least, most=most), catalogue).facts["many"] == answer


@pytest.mark.parametrize(("found", "answer"), [(100, "no"), (101, "yes")])
def test_people_may_find_the_number_within_the_bounds(found: int, answer: str, catalogue: Catalogue) -> None:
    """A number that was found decides."""
    assert judged(leaked(PLAIN, least=90, most=200), catalogue, found=found).facts["many"] == answer


@pytest.mark.parametrize("found", [89, 201])
def test_a_number_that_cannot_be_is_refused_and_not_repeated(found: int, catalogue: Catalogue) -> None:
    """Neither fewer than the rows nor more than the records; the message holds no figure."""
    with pytest.raises(BadInput) as error:
        judged(leaked(PLAIN, least=90, most=200), catalogue, found=found)
    assert error.value.code == "incident-persons"
    assert str(found) not in error.value.text("ja") + error.value.text("en")


def test_an_item_that_is_listed_decides_though_people_may_answer_otherwise(catalogue: Catalogue) -> None:
    """What the calculation finds, nobody can answer away."""
    assert judged(leaked(INCOME), catalogue).facts["purse"] == "yes"
    with pytest.raises(BadInput) as error:
        judged(leaked(INCOME), catalogue, purse=False)
    assert (error.value.code, error.value.params["fact"]) == ("incident-fact-computed", "purse")


def test_figures_about_groups_leave_it_to_people(catalogue: Catalogue) -> None:
    """A special item in aggregates alone may tell of a person or not."""
    grouped = leaked(item("b.visit", "stage", of_persons=False))
    assert judged(grouped, catalogue).facts["special"] == "unknown"
    assert judged(grouped, catalogue, special=False, **UNDECIDED).required == "no"


def test_what_leaked_elsewhere_may_have_been_anything(catalogue: Catalogue) -> None:
    """Nothing that rests on items is no any more."""
    facts = judged(leaked(PLAIN, whole=False, most=None), catalogue).facts
    assert facts == {"special": "unknown", "purse": "unknown", "many": "unknown", "evil": "unknown"}


def test_what_leaked_here_decides_whatever_leaked_elsewhere(catalogue: Catalogue) -> None:
    """More cannot make it less."""
    assert judged(leaked(SPECIAL, whole=False, most=None), catalogue).required == "yes"


def test_a_kind_that_the_guideline_does_not_name_is_refused(catalogue: Catalogue) -> None:
    """The message lists those that there are."""
    with pytest.raises(BadInput) as error:
        judged(leaked(PLAIN), catalogue, weather=True)
    assert error.value.code == "incident-fact-unknown"
    assert "evil" in str(error.value.params["facts"])


def test_no_answer_at_all_is_not_known() -> None:
    """An empty list of kinds says nothing."""
    assert required({}) == "unknown"


def test_a_recorded_assessment_is_explained_as_it_was(catalogue: Catalogue) -> None:
    """Answers of people are told apart from the calculation's, and open ones from both."""
    facts: dict[str, Any] = {"special": "yes", "purse": "no", "many": "no", "evil": "unknown"}
    found = explained(
        leaked(SPECIAL), terms=TERMS, facts=facts, persons=Persons(least=1, most=1, found=None), catalogue=catalogue
    )
    assert {each.name: (each.answer, each.by) for each in found} == {
        "special": ("yes", "items"),
        "purse": ("no", "people"),
        "many": ("no", "persons"),
        "evil": ("unknown", "nothing"),
    }


@pytest.mark.parametrize(
    ("persons", "text"),
    [
        (None, "未評価"),
        (Persons(least=90, most=200, found=None), "90人以上、200人以下（保有課の記録から計算）"),
        (Persons(least=90, most=None, found=None), "90人以上、上限はわからない（保有課の記録から計算）"),
        (
            Persons(least=90, most=200, found=95),
            "95人（職員が確かめた数。保有課の記録からの計算では90人以上、200人以下）",
        ),
    ],
)
def test_the_report_says_whence_its_number_of_persons_comes(persons: Persons | None, text: str) -> None:
    """A computed number says so, and so does one that people found; a missing one is not written as none."""
    assert persons_text(persons) == text
