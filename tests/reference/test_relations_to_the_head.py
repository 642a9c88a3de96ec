"""続柄 is written toward the head: the derived datasets read the same family the same way under every head."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

import pytest

from governance.catalogue import Catalogue
from reference.akishima.city.days import BASE_DATE
from tests.reference.households import Member, child_row, derive, head, kinds, member
from tests.reference.loading import members_of

SCHOOL_AGE = "H25.6.1"  # ten years old: grade 5
BABY = "R2.6.1"
PARENT = "S55.6.1"
GRANDPARENT = "S25.6.1"  # 73
OLD = "S20.6.1"  # 78


def family(child: Mapping[str, object]) -> tuple[object, object, object, object, object]:
    return (
        child["hh_size"],
        child["parent_count"],
        child["n_siblings"],
        child["n_siblings_u6"],
        child["hh_single_generation_skip"],
    )


THREE_GENERATIONS: Mapping[str, Sequence[Member]] = {
    "father is the head": [
        head("f", PARENT),
        member("m", "妻", PARENT, sex="2"),
        member("c", "子", SCHOOL_AGE),
        member("b", "子", BABY),
        member("gf", "父", GRANDPARENT),
        member("gm", "母", GRANDPARENT, sex="2"),
    ],
    "mother is the head": [
        head("m", PARENT, sex="2"),
        member("f", "夫", PARENT),
        member("c", "子", SCHOOL_AGE),
        member("b", "子", BABY),
        member("gf", "夫の父", GRANDPARENT),
        member("gm", "夫の母", GRANDPARENT, sex="2"),
    ],
    "grandfather is the head": [
        head("gf", GRANDPARENT),
        member("gm", "妻", GRANDPARENT, sex="2"),
        member("f", "子", PARENT),
        member("m", "子の妻", PARENT, sex="2"),
        member("c", "子の子", SCHOOL_AGE),
        member("b", "子の子", BABY),
    ],
    "mother's father is the head": [
        head("gf", GRANDPARENT),
        member("gm", "妻", GRANDPARENT, sex="2"),
        member("m", "子", PARENT, sex="2"),
        member("f", "子の夫", PARENT),
        member("c", "子の子", SCHOOL_AGE),
        member("b", "子の子", BABY),
    ],
    "father is the head, the mother's parents live with them": [
        head("f", PARENT),
        member("m", "妻", PARENT, sex="2"),
        member("c", "子", SCHOOL_AGE),
        member("b", "子", BABY),
        member("gf", "妻の父", GRANDPARENT),
        member("gm", "妻の母", GRANDPARENT, sex="2"),
    ],
    "the mother has not registered the marriage": [
        head("f", PARENT),
        member("m", "妻（未届）", PARENT, sex="2"),
        member("c", "妻（未届）の子", SCHOOL_AGE),
        member("b", "子", BABY),
        member("gf", "妻（未届）の父", GRANDPARENT),
        member("gm", "妻（未届）の母", GRANDPARENT, sex="2"),
    ],
    "the grandmother's grandson came with his mother": [
        head("gm", GRANDPARENT, sex="2"),
        member("gf", "夫", GRANDPARENT),
        member("f", "子", PARENT),
        member("m", "子の妻", PARENT, sex="2"),
        member("c", "子の妻の子", SCHOOL_AGE),
        member("b", "子の子", BABY),
    ],
}


@pytest.mark.parametrize("home", THREE_GENERATIONS.values(), ids=THREE_GENERATIONS.keys())
def test_one_family_reads_alike_under_every_head(tmp_path: Path, catalogue: Catalogue, home: list[Member]) -> None:
    """Parents, siblings and grandparents are found whoever is the head."""
    tables = derive(tmp_path, catalogue, {"h": home})
    assert family(child_row(tables, "c")) == (6, 2, 1, 1, False)
    assert family(child_row(tables, "b")) == (6, 2, 1, 0, False)
    assert kinds(tables) == {
        "f": "guardian", "m": "guardian", "c": "minor", "b": "minor", "gf": "elder", "gm": "elder",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("home", "parents", "siblings", "small"),
    [
        pytest.param([head("m"), member("c", "子", SCHOOL_AGE)], 1, 0, 0, id="single mother"),
        pytest.param(
            [head("f"), member("m", "妻", PARENT, status="転出"), member("c", "子", SCHOOL_AGE)], 1, 0, 0,
            id="the other parent has moved out",
        ),
        pytest.param(
            [head("gm", GRANDPARENT), member("m", "子", PARENT), member("c", "子の子", SCHOOL_AGE)], 1, 0, 0,
            id="single mother with her mother as the head",
        ),
        pytest.param(
            [head("f"), member("m", "妻", PARENT), member("s", "妻の子", BABY), member("c", "子", SCHOOL_AGE)], 2, 1, 1,
            id="a stepbrother counts as a brother, the stepfather as a parent",
        ),
        pytest.param(
            [head("u"), member("c", "妹の子", SCHOOL_AGE), member("d", "妹の子", BABY)], 0, 1, 1, id="with an uncle",
        ),
        pytest.param(
            [head("u"), member("m", "妹", PARENT), member("c", "妹の子", SCHOOL_AGE)], 1, 0, 0,
            id="mother and child with an uncle as the head",
        ),
        pytest.param(
            [head("s", "H14.6.1"), member("c", "弟", SCHOOL_AGE), member("d", "妹", BABY)], 0, 2, 1,
            id="a grown-up sister is the head",
        ),
        pytest.param(
            [head("s", "H14.6.1"), member("m", "母", PARENT), member("c", "弟", SCHOOL_AGE)], 1, 1, 0,
            id="the mother lives with the grown-up sister",
        ),
        pytest.param([head("c", "H18.6.1"), member("m", "母", PARENT)], 1, 0, 0, id="the child itself is the head"),
        pytest.param([head("c", "H18.6.1")], 0, 0, 0, id="alone"),
        pytest.param(
            [head("f"), member("m", "妻", PARENT), member("c", "縁故者", SCHOOL_AGE)], None, None, None,
            id="foster child: 続柄 does not say",
        ),
        pytest.param(
            [head("x"), member("m", "同居人", PARENT), member("c", "同居人の子", SCHOOL_AGE)], 1, 0, 0,
            id="child of a lodger",
        ),
        pytest.param(
            [head("x"), member("m", "同居人", PARENT), member("f", "同居人", PARENT), member("c", "同居人の子", SCHOOL_AGE)],
            None, 0, 0, id="two lodgers: one parent or two",
        ),
        pytest.param(
            [head("f"), member("m", "妻", PARENT), member("c", "子", SCHOOL_AGE), member("s", "子", "H16.2.1")], 2, 1, 0,
            id="a grown-up brother is a sibling",
        ),
    ],
)  # fmt: skip
def test_parents_and_siblings_are_counted_through_relations(
    tmp_path: Path,
    catalogue: Catalogue,
    home: list[Member],
    parents: int | None,
    siblings: int | None,
    small: int | None,
) -> None:
    """Counts follow from composed relations; what they leave open is NULL and not zero."""
    row = child_row(derive(tmp_path, catalogue, {"h": home}), "c")
    assert (row["parent_count"], row["n_siblings"], row["n_siblings_u6"]) == (parents, siblings, small)


def test_uncle_in_the_household_makes_cousins_and_siblings_indistinguishable(
    tmp_path: Path, catalogue: Catalogue
) -> None:
    """With two children of the head who could be parents, siblings are unknown; without other children they are none."""
    elders = [head("g", OLD), member("m", "子", PARENT, sex="2"), member("u", "子", "S57.6.1")]
    alone = [*elders, member("c", "子の子", SCHOOL_AGE)]
    row = child_row(derive(tmp_path / "alone", catalogue, {"h": alone}), "c")
    assert (row["parent_count"], row["n_siblings"], row["n_siblings_u6"]) == (1, 0, 0)
    row = child_row(derive(tmp_path / "two", catalogue, {"h": [*alone, member("d", "子の子", BABY)]}), "c")
    assert (row["parent_count"], row["n_siblings"], row["n_siblings_u6"]) == (1, None, None)
    older = [*alone, member("d", "子の子", "H22.6.1")]
    row = child_row(derive(tmp_path / "older", catalogue, {"h": older}), "c")
    assert (row["n_siblings"], row["n_siblings_u6"]) == (None, 0)
    couple = [*alone, member("w", "子の妻", PARENT, sex="2")]
    assert child_row(derive(tmp_path / "couple", catalogue, {"h": couple}), "c")["parent_count"] is None


def test_young_uncle_is_no_parent(tmp_path: Path, catalogue: Catalogue) -> None:
    """A child of the head less than fifteen years older than the grandchild is not taken for its parent."""
    home = [head("g", OLD), member("u", "子", "H15.6.1"), member("c", "子の子", SCHOOL_AGE)]
    tables = derive(tmp_path, catalogue, {"h": home})
    assert child_row(tables, "c")["parent_count"] == 0
    assert kinds(tables)["u"] == "adult"


@pytest.mark.parametrize(
    ("home", "skip"),
    [
        pytest.param([head("g", OLD), member("c", "子の子", SCHOOL_AGE)], True, id="grandmother and child"),
        pytest.param(
            [head("g", OLD), member("h", "夫", OLD), member("c", "子の子", SCHOOL_AGE), member("d", "子の子", BABY)],
            True, id="both grandparents and two children",
        ),
        pytest.param(
            [head("g", OLD), member("m", "子", PARENT), member("c", "子の子", SCHOOL_AGE)], False, id="the mother is there",
        ),
        pytest.param(
            [head("g", OLD), member("u", "子", "H15.6.1"), member("c", "子の子", SCHOOL_AGE)], False, id="a young uncle",
        ),
        pytest.param(
            [head("c", "H18.6.1"), member("g", "父の母", OLD), member("d", "弟", BABY)], True, id="the child is the head",
        ),
        pytest.param([head("u"), member("c", "妹の子", SCHOOL_AGE)], False, id="an uncle alone is no grandparent"),
        pytest.param(
            [head("u"), member("g", "母", OLD), member("c", "妹の子", SCHOOL_AGE)], False, id="grandmother and uncle",
        ),
        pytest.param(
            [head("k", "H18.6.1"), member("g", "母", OLD), member("c", "姉の子", SCHOOL_AGE)], True,
            id="grandmother, a minor as the head, and the head's sister's child",
        ),
        pytest.param([head("g", OLD), member("c", "縁故者", SCHOOL_AGE)], None, id="a tie that 続柄 does not say"),
    ],
)  # fmt: skip
def test_grandparents_and_children_only(
    tmp_path: Path, catalogue: Catalogue, home: list[Member], skip: bool | None
) -> None:
    """The flag means: at least one grandparent, and no adult who is not one."""
    assert child_row(derive(tmp_path, catalogue, {"h": home}), "c")["hh_single_generation_skip"] is skip


def test_parent_registered_apart_in_one_dwelling_makes_parents_unknown(tmp_path: Path, catalogue: Catalogue) -> None:
    """世帯分離: where the mother heads a household of her own in the same dwelling, nothing is claimed about parents."""
    homes = {"g": [head("gm", OLD), member("c", "子の子", SCHOOL_AGE)], "m": [head("mo", PARENT)]}
    together = derive(tmp_path / "together", catalogue, homes, dwellings={"g": "d", "m": "d"})
    row = child_row(together, "c")
    assert (row["parent_count"], row["hh_single_generation_skip"]) == (None, None)
    apart = derive(tmp_path / "apart", catalogue, homes)
    row = child_row(apart, "c")
    assert (row["parent_count"], row["hh_single_generation_skip"]) == (0, True)


def test_elders_registered_apart_are_reached_by_the_dwelling(tmp_path: Path, catalogue: Catalogue) -> None:
    """世帯分離: grandparents in the same dwelling are members with their own household and the shared dwelling."""
    homes = {
        "a": [head("f"), member("m", "妻", PARENT), member("c", "子", SCHOOL_AGE)],
        "b": [head("gf", OLD), member("gm", "妻", OLD)],
        "x": [head("stranger", OLD)],
    }
    tables = derive(tmp_path, catalogue, homes, dwellings={"a": "d", "b": "d"})
    assert kinds(tables) == {"f": "guardian", "m": "guardian", "c": "minor", "gf": "elder", "gm": "elder"}
    where = {
        person: (household, dwelling)
        for person, household, dwelling in tables.sql(
            "SELECT resident_id, household_id, dwelling_id FROM shimin.household_member"
        ).fetchall()
    }
    assert where["gf"] == ("b", "d")
    assert where["c"] == ("a", "d")
    assert family(child_row(tables, "c")) == (3, 2, 0, 0, False)


def test_protected_households_are_not_joined_by_the_dwelling(tmp_path: Path, catalogue: Catalogue) -> None:
    """A household with address protection is tied to no other household of the dwelling, in either direction."""
    family_home = [head("m", PARENT, protected=True), member("c", "子", SCHOOL_AGE)]
    other = [head("gf", OLD)]
    tables = derive(tmp_path / "child", catalogue, {"a": family_home, "b": other}, dwellings={"a": "d", "b": "d"})
    assert kinds(tables).keys() == {"m", "c"}
    plain = [head("m"), member("c", "子", SCHOOL_AGE)]
    shy = [head("gf", OLD, protected=True)]
    tables = derive(tmp_path / "elder", catalogue, {"a": plain, "b": shy}, dwellings={"a": "d", "b": "d"})
    assert kinds(tables).keys() == {"m", "c"}


def test_address_protection_covers_children_without_a_flag(tmp_path: Path, catalogue: Catalogue) -> None:
    """Children in the household or the dwelling of a protected person belong to the set; other adults do not."""
    homes = {
        "a": [head("m", PARENT, protected=True), member("c", "子", SCHOOL_AGE), member("gm", "母", OLD)],
        "b": [head("n"), member("d", "子", BABY)],
        "e": [head("o"), member("f", "子", BABY)],
    }
    tables = derive(tmp_path, catalogue, homes, dwellings={"a": "x", "b": "x"})
    assert members_of(tables, catalogue, "address-protected", as_of=BASE_DATE) == {"m", "c", "d"}


def test_twins_are_two_children_and_each_other_s_siblings(tmp_path: Path, catalogue: Catalogue) -> None:
    """Same birthday, household and dwelling: still two rows."""
    home = [head("m"), member("c", "子", SCHOOL_AGE), member("d", "子", SCHOOL_AGE), member("b", "子", BABY)]
    tables = derive(tmp_path, catalogue, {"h": home})
    assert child_row(tables, "c")["n_siblings"] == child_row(tables, "d")["n_siblings"] == 2
    assert child_row(tables, "c")["n_siblings_u6"] == 1


def test_the_dead_count_nowhere(tmp_path: Path, catalogue: Catalogue) -> None:
    """Somebody who died is no member, no parent and no child, and adds to no count."""
    home = [
        head("m"),
        member("f", "夫", PARENT, status="死亡"),
        member("c", "子", SCHOOL_AGE),
        member("d", "子", BABY, status="死亡"),
        member("g", "父", OLD, status="死亡"),
    ]
    tables = derive(tmp_path, catalogue, {"h": home})
    assert family(child_row(tables, "c")) == (2, 1, 0, 0, False)
    assert child_row(tables, "c")["has_75plus"] is False
    assert kinds(tables).keys() == {"m", "c"}
    assert tables.sql("SELECT count(*) FROM shimin.child").fetchall() == [(1,)]


def test_moved_out_family_keeps_its_rows_for_the_gate_but_has_no_members(tmp_path: Path, catalogue: Catalogue) -> None:
    """A child that has moved out stands in the view with its status, and opens no household."""
    home = [head("m", status="転出"), member("c", "子", SCHOOL_AGE, status="転出")]
    tables = derive(tmp_path, catalogue, {"h": home})
    assert child_row(tables, "c")["status"] == "転出"
    assert kinds(tables) == {}


def test_households_without_a_target_child_do_not_appear(tmp_path: Path, catalogue: Catalogue) -> None:
    """Preschool children alone, and adults alone, open no household."""
    homes = {"a": [head("m"), member("b", "子", BABY)], "b": [head("x", OLD)]}
    assert kinds(derive(tmp_path, catalogue, homes)) == {}


@pytest.mark.parametrize(
    ("birth", "expected"),
    [
        ("S23.10.2", True),  # turns 75 tomorrow: the age is reached on the day before the birthday
        ("S23.10.3", False),
        ("S23.10.1", True),
        ("T15.1.1", True),
        ("S20.00.00", None),
    ],
)
def test_75_is_reached_on_the_day_before_the_birthday(
    tmp_path: Path, catalogue: Catalogue, birth: str, expected: bool | None
) -> None:
    """Statutory age; an unknown birthday leaves the question open."""
    home = [head("m"), member("c", "子", SCHOOL_AGE), member("g", "母", birth, sex="2")]
    assert child_row(derive(tmp_path, catalogue, {"h": home}), "c")["has_75plus"] is expected


def test_known_elder_decides_although_another_birthday_is_unknown(tmp_path: Path, catalogue: Catalogue) -> None:
    """One person of 75 is enough."""
    home = [head("g", OLD), member("h", "妻", "S20.00.00", sex="2"), member("c", "子の子", SCHOOL_AGE)]
    assert child_row(derive(tmp_path, catalogue, {"h": home}), "c")["has_75plus"] is True


def test_age_counts_to_the_last_day_of_a_year(tmp_path: Path, catalogue: Catalogue) -> None:
    """Who was born on 1 January reaches 75 on 31 December."""
    home = [head("m"), member("c", "子", SCHOOL_AGE), member("g", "母", "S24.1.1", sex="2")]
    on_the_day = derive(tmp_path / "on", catalogue, {"h": home}, as_of=date(2023, 12, 31))
    assert child_row(on_the_day, "c")["has_75plus"] is True
    before = derive(tmp_path / "before", catalogue, {"h": home}, as_of=date(2023, 12, 30))
    assert child_row(before, "c")["has_75plus"] is False


def test_guardians_are_parents_of_target_children(tmp_path: Path, catalogue: Catalogue) -> None:
    """A lodger with a baby is an adult in the household of another's child of school age."""
    home = [
        head("m", sex="2"),
        member("c", "子", SCHOOL_AGE),
        member("x", "同居人", PARENT),
        member("b", "同居人の子", BABY),
    ]
    tables = derive(tmp_path, catalogue, {"h": home})
    assert kinds(tables) == {"m": "guardian", "c": "minor", "x": "adult", "b": "minor"}
