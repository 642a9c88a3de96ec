"""Children and who lives with them, over families written by hand: other households of a dwelling, and protected ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from governance.catalogue import Catalogue
from tests.reference.holders import Row, derived_rows

CHILD, BABY, PARENT, OLD = date(2013, 6, 1), date(2021, 6, 1), date(1980, 6, 1), date(1943, 6, 1)
DWELLING = "00000000000000d1"


def homes(catalogue: Catalogue, families: Mapping[int, Sequence[Row]], *, dwelling: str = DWELLING) -> dict[str, Any]:
    """Households 1, 2, … of one dwelling; each member is named by household and place, such as ``1.2``."""
    people: list[Row] = []
    names: dict[str, str] = {}
    for home, members in families.items():
        for place, member in enumerate(members, start=1):
            number = f"{home:05d}{place:05d}"
            names[number] = f"{home}.{place}"
            people.append({"resident_id": number, "household_id": f"{home:010d}", "dwelling_key": dwelling, **member})
    bases = {"shimin.resident": people}
    found: dict[str, Any] = {}
    for name in ("shimin.child", "shimin.household_member"):
        found[name] = {names[row["resident_id"]]: row for row in derived_rows(catalogue, name, bases)}
    return found


def person(relation: str, birth: date | None, **more: Any) -> Row:
    return {"relation": relation, "birth_date": birth, "status": "現存", "dv_support_flag": "0", **more}


MOTHER_AND_CHILD = (person("世帯主", PARENT), person("子", CHILD))
GRANDPARENTS = (person("世帯主", OLD), person("妻", OLD))


def test_a_dwelling_joins_the_households_in_it(catalogue: Catalogue) -> None:
    """世帯分離: the grandparents of another household number share the child's dwelling, and are there to be looked up."""
    found = homes(catalogue, {1: MOTHER_AND_CHILD, 2: GRANDPARENTS})
    members = found["shimin.household_member"]
    assert {name: row["kind"] for name, row in members.items()} == {
        "1.1": "guardian", "1.2": "minor", "2.1": "elder", "2.2": "elder",
    }  # fmt: skip
    assert {row["dwelling_id"] for row in members.values()} == {DWELLING}
    assert found["shimin.child"]["1.2"]["dwelling_id"] == DWELLING


def test_a_protected_household_is_joined_with_nobody(catalogue: Catalogue) -> None:
    """支援措置 on either side: no key leads from one household of the dwelling to the other, also where both have children."""
    protected = (person("世帯主", PARENT, dv_support_flag="1"), person("子", CHILD))
    for families in ({1: protected, 2: MOTHER_AND_CHILD}, {1: MOTHER_AND_CHILD, 2: protected}):
        found = homes(catalogue, families)
        members, children = found["shimin.household_member"], found["shimin.child"]
        keys = {home: {r["dwelling_id"] for n, r in members.items() if n.startswith(f"{home}.")} for home in (1, 2)}
        assert all(len(key) == 1 for key in keys.values())
        assert keys[1] != keys[2]
        for home in (1, 2):
            assert {children[f"{home}.2"]["dwelling_id"]} == keys[home], "the child still finds its own household"
    hidden = homes(catalogue, {1: protected, 2: GRANDPARENTS})
    assert set(hidden["shimin.household_member"]) == {"1.1", "1.2"}


def test_protection_of_somebody_who_moved_out_still_holds(catalogue: Catalogue) -> None:
    """The parent who has moved away is the reason for the protection; the household stays apart."""
    family = (person("世帯主", PARENT), person("子", CHILD), person("夫", PARENT, status="転出", dv_support_flag="1"))
    found = homes(catalogue, {1: family, 2: GRANDPARENTS})
    assert set(found["shimin.household_member"]) == {"1.1", "1.2"}
    assert found["shimin.child"]["1.2"]["dwelling_id"] != DWELLING


def test_adults_and_children_of_a_household_are_counted(catalogue: Catalogue) -> None:
    """Grown up is past the year of 18; elders and who moved out are no adults below 65; twins are two children."""
    family = (
        person("世帯主", PARENT),
        person("夫", PARENT, status="転出"),
        person("子", CHILD),
        person("子", CHILD),
        person("子", BABY),
        person("子", date(2004, 6, 1)),
        person("母", OLD),
    )
    child = homes(catalogue, {1: family})["shimin.child"]["1.3"]
    assert (child["hh_size"], child["n_children"], child["n_adults"]) == (6, 3, 2)
    assert (child["n_siblings"], child["n_siblings_u6"]) == (3, 1)
    assert homes(catalogue, {1: (*family, person("同居人", None))})["shimin.child"]["1.3"]["n_adults"] is None


def test_the_first_of_april_makes_the_older_grade(catalogue: Catalogue) -> None:
    """Born on 1 April one begins school a year before who is born on 2 April, and is no child a year earlier."""
    family = (
        person("世帯主", PARENT),
        person("子", date(2017, 4, 1)),
        person("子", date(2017, 4, 2)),
        person("子", date(2005, 4, 1)),
        person("子", date(2005, 4, 2)),
    )
    found = homes(catalogue, {1: family})
    assert {name: row["grade"] for name, row in found["shimin.child"].items()} == {"1.2": 1, "1.3": 0, "1.5": 12}
    assert found["shimin.household_member"]["1.4"]["grown_up"]


def test_who_is_whose_parent(catalogue: Catalogue) -> None:
    """With the grandfather as the head: the child's mother and the stepfather are guardians, the great-aunt is not."""
    family = (
        person("世帯主", OLD),
        person("子", PARENT),
        person("子の夫", PARENT),
        person("子の子", CHILD),
        person("妹", PARENT),
    )
    members = homes(catalogue, {1: family})["shimin.household_member"]
    flags = {name: (row["guardian"], row["grown_up"], row["minor"]) for name, row in members.items()}
    assert flags == {
        "1.1": (False, True, False),
        "1.2": (True, True, False),
        "1.3": (True, True, False),
        "1.4": (False, False, True),
        "1.5": (False, True, False),
    }
