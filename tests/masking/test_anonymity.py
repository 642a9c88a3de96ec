"""Rows in which nobody stands out: what is generalised, who is left out, and what earlier packages have told."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from typing import Any
from uuid import UUID

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.catalogue import Label
from governance.packages import ColumnRole, Level, PackageColumn
from masking.anonymity import Anonymised, anonymise, generalised

_NOTHING = Label(ja="なし", en="none")
AS_IS, WITHHELD = Level(kind="as_is"), Level(kind="withheld")


def bands(*edges: int) -> Level:
    return Level(kind="bands", edges=edges)


def column(name: str, role: ColumnRole, *levels: Level, none: bool = False) -> PackageColumn:
    return PackageColumn(name=name, role=role, levels=levels, missing_is_none=none, missing=_NOTHING)


def table(**columns: list[Any]) -> pa.Table:
    """Persons in no order; pseudonyms from the row's number."""
    rows = len(next(iter(columns.values())))
    persons = pa.array([UUID(int=(row * 7919) % 65_521 + 1) for row in range(rows)], type=pa.uuid())
    return pa.table({"person": persons, **columns})


def safe(found: pa.Table, *columns: PackageColumn, percent: int = 100, **more: Any) -> Anonymised | None:
    return anonymise(found, columns, subject="person", k=3, l=2, most_suppressed=Fraction(percent, 100), **more)


def test_the_finest_levels_are_kept_where_nobody_stands_out() -> None:
    """Nothing is coarsened and nobody left out without need."""
    got = safe(
        table(grade=[1] * 6 + [2] * 6, absent=[0, 5] * 6),
        column("grade", "quasi", AS_IS, bands(1)),
        column("absent", "sensitive", AS_IS, WITHHELD),
    )
    assert got is not None
    assert (got.levels, got.suppressed, got.loss) == ({"grade": 0, "absent": 0}, 0, Fraction(0))
    assert (got.k, got.l, got.groups) == (6, 2, 2)


def test_generalisation_comes_before_leaving_many_out() -> None:
    """Twelve grades of one person each become one band; no row is lost."""
    got = safe(
        table(grade=list(range(1, 13)), absent=[0, 5] * 6),
        column("grade", "quasi", AS_IS, bands(1, 7)),
        column("absent", "sensitive", AS_IS),
        percent=10,
    )
    assert got is not None
    assert set(got.table.column("grade").to_pylist()) == {"1-6", "7+"}
    assert got.suppressed == 0


def test_few_who_stand_out_are_left_out_instead() -> None:
    """One person of another grade costs a row, not a level."""
    got = safe(
        table(grade=[1] * 20 + [2], absent=[0, 5] * 10 + [0]),
        column("grade", "quasi", AS_IS, bands(1)),
        column("absent", "sensitive", AS_IS),
        percent=5,
    )
    assert got is not None
    assert (got.suppressed, set(got.table.column("grade").to_pylist())) == (1, {1})


def test_a_column_is_withheld_only_where_nothing_else_helps() -> None:
    """Coarser attributes are tried before a whole column is given up."""
    got = safe(
        table(grade=[1] * 6 + [2] * 6, absent=[0] * 6 + [5] * 6),
        column("grade", "quasi", AS_IS, bands(1)),
        column("absent", "sensitive", AS_IS, WITHHELD),
        percent=0,
    )
    assert got is not None
    assert got.levels == {"grade": 1, "absent": 0}
    alike = safe(
        table(grade=[1] * 6, absent=[5] * 6),
        column("grade", "quasi", AS_IS),
        column("absent", "sensitive", AS_IS, WITHHELD),
        percent=0,
    )
    assert alike is not None
    assert alike.table.column_names == ["person", "grade"]


def test_a_value_of_few_persons_leaves_with_nobody() -> None:
    """Rare values are left out in every column, whatever its role."""
    got = safe(table(visits=[0] * 9 + [40]), column("visits", "other", AS_IS))
    assert got is not None
    assert set(got.table.column("visits").to_pylist()) == {0}


def test_what_nobody_knows_tells_nothing_but_what_is_not_there_does() -> None:
    """A group of whom nothing is known is safe; one in which everybody has none is not, and neither is half a secret."""
    unknown = table(grade=[1] * 6 + [2] * 6, care=[None] * 6 + [1, 2, 1, 2, 1, 2])
    got = safe(unknown, column("grade", "quasi", AS_IS), column("care", "sensitive", AS_IS), percent=0)
    assert got is not None
    assert got.l == 2
    none = column("care", "sensitive", AS_IS, none=True)
    assert safe(unknown, column("grade", "quasi", AS_IS), none, percent=0) is None
    some = table(grade=[1] * 6, care=[None, None, None, 1, 1, 1])
    assert safe(some, column("grade", "quasi", AS_IS), none, percent=0) is not None
    assert safe(some, column("grade", "quasi", AS_IS), column("care", "sensitive", AS_IS), percent=0) is None


def test_no_combination_that_suffices_is_no_package() -> None:
    """Nobody is left out beyond what the recipe allows."""
    few = table(grade=[1, 2, 3, 4])
    assert safe(few, column("grade", "quasi", AS_IS), percent=50) is None
    assert safe(few.slice(0, 0), column("grade", "quasi", AS_IS)) is None


def test_packages_together_tell_no_more_than_each() -> None:
    """Two packages with other attributes of the same persons: who would be alone in both together is left out."""
    found = table(grade=[1] * 6 + [2] * 6, siblings=[0, 1] * 6)
    first = safe(found, column("grade", "quasi", AS_IS), column("siblings", "other", bands(0)))
    assert first is not None
    second = found.set_column(2, "siblings", pa.array([0] * 5 + [1] + [0] * 5 + [1]))
    alone = safe(second, column("siblings", "quasi", AS_IS, bands(0)), column("grade", "other", bands(1)))
    assert alone is not None
    together = safe(
        second, column("siblings", "quasi", AS_IS), column("grade", "other", bands(1)), earlier=[first.members]
    )
    assert together is not None
    shown = {person: first.members[person] for person in together.members}
    pairs = Counter((shown[person], together.members[person]) for person in together.members)
    assert min(pairs.values()) >= 3
    assert together.suppressed == 2


def test_who_is_new_since_the_last_package_waits_until_there_are_enough() -> None:
    """One or two newcomers would be known by their being new."""
    earlier = safe(table(grade=[1] * 10), column("grade", "quasi", AS_IS))
    assert earlier is not None
    for newcomers, left_out in ((2, 2), (3, 0)):
        got = safe(table(grade=[1] * (10 + newcomers)), column("grade", "quasi", AS_IS), earlier=[earlier.members])
        assert got is not None
        assert got.suppressed == left_out


def test_the_order_is_that_of_the_pseudonyms() -> None:
    """Nothing of the order at the source is left."""
    got = safe(table(grade=[1] * 50), column("grade", "quasi", AS_IS))
    assert got is not None
    persons = [person.bytes for person in got.table.column("person").to_pylist()]
    assert persons == sorted(persons)


def test_levels_of_columns() -> None:
    """Bands have the labels of the form, a yes in bytes is a yes, and what is withheld is nothing."""
    assert generalised(pa.array([0, 4, 5, None]), bands(0, 5)).to_pylist() == ["0-4", "0-4", "5+", None]
    yes = pa.array([1, 0, None], type=pa.bool8())
    assert generalised(yes, AS_IS).type == pa.bool_()
    assert generalised(yes, AS_IS).to_pylist() == [True, False, None]
    assert generalised(pa.array([1, 2]), WITHHELD).null_count == 2


_VALUES = st.one_of(st.none(), st.integers(0, 6))


@given(st.lists(st.tuples(st.integers(1, 4), _VALUES, _VALUES), min_size=1, max_size=60), st.integers(2, 4))
def test_whatever_comes_out_is_safe_by_another_count(rows: list[tuple[int, int | None, int | None]], k: int) -> None:
    """An SQL engine finds every group large enough, every sensitive item diverse, and no rare value."""
    grade, siblings, absent = (list(values) for values in zip(*rows, strict=True))
    columns = (
        column("grade", "quasi", AS_IS, bands(1, 3), WITHHELD),
        column("siblings", "quasi", AS_IS, bands(0, 2), WITHHELD),
        column("absent", "sensitive", AS_IS, bands(0, 3), WITHHELD),
    )
    got = anonymise(
        table(grade=pa.array(grade), siblings=pa.array(siblings, pa.int64()), absent=pa.array(absent, pa.int64())),
        columns, subject="person", k=k, l=2, most_suppressed=Fraction(1),
    )  # fmt: skip
    if got is None:
        return
    left = got.table
    quasi = [name for name in ("grade", "siblings") if name in left.column_names]
    grouping = f"GROUP BY {', '.join(quasi)}" if quasi else ""
    with duckdb.connect() as engine:
        engine.register("kept", left)
        assert engine.execute(f"SELECT min(n) FROM (SELECT count(*) n FROM kept {grouping})").fetchone() == (got.k,)
        assert got.k >= k
        if "absent" in left.column_names:
            least = engine.execute(
                f"SELECT min(n) FROM (SELECT count(DISTINCT absent) n FROM kept {grouping}) WHERE n > 0"
            ).fetchone()
            assert least == (got.l,)
            assert got.l is None or got.l >= 2
        for name in left.column_names[1:]:
            assert engine.execute(f"SELECT min(n) FROM (SELECT count(*) n FROM kept GROUP BY {name})").fetchone() >= (
                k,
            )
    assert left.num_rows + got.suppressed == len(rows)
    assert len(got.members) == left.num_rows


@pytest.mark.parametrize("rows", [1, 2])
def test_a_package_of_fewer_than_k_persons_is_none(rows: int) -> None:
    """However coarse."""
    assert safe(table(grade=[1] * rows), column("grade", "quasi", AS_IS, WITHHELD)) is None
