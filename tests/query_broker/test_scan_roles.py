"""The examples of ``docs/scan-roles.md`` are what the broker finds, and the page names every role."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest

from governance.errors import BadInput
from governance.facts import Grain, ScanRole
from tests.query_broker.asking import read, roles

PAGE = Path(__file__).resolve().parents[2] / "docs" / "scan-roles.md"


def _examples() -> Iterator[tuple[str, str]]:
    for block in PAGE.read_text(encoding="utf-8").split("```sql\n")[1:]:
        sql, _, rest = block.partition("\n```\n> ")
        yield sql, rest.partition("\n")[0]


@pytest.mark.parametrize(("sql", "said"), [pytest.param(*example, id=example[1]) for example in _examples()])
def test_an_example_has_the_roles_that_the_page_says(sql: str, said: str) -> None:
    """Each query of the page gets the roles, or the refusal, that stands below it."""
    if said.startswith("refused: "):
        with pytest.raises(BadInput) as refusal:
            read(sql)
        assert refusal.value.code == said.removeprefix("refused: ")
    else:
        assert roles(sql) == dict(part.split(": ") for part in said.split(" · "))


def test_the_page_names_every_role_and_grain() -> None:
    """Whoever looks a word of the facts up finds it on the page."""
    text = PAGE.read_text(encoding="utf-8")
    assert [role for role in get_args(ScanRole) if f"**{role}**" not in text] == []
    assert [grain for grain in get_args(Grain) if f"| {grain} |" not in text] == []
    assert len(list(_examples())) > 25


_HOMES = "(SELECT household_id, count(*) AS n FROM town.member GROUP BY household_id)"
_SOMEBODY = "SELECT c.resident_id FROM town.person c WHERE EXISTS (SELECT 1 FROM town.member m WHERE"

GRAINS = [
    ("SELECT resident_id FROM town.person", ["subject"]),
    ("SELECT resident_id, sum(age) AS x FROM town.person GROUP BY resident_id", ["subject"]),
    ("SELECT resident_id, sex, sum(age) AS x FROM town.person GROUP BY resident_id, sex", ["subject"]),
    ("SELECT sex, count(*) AS n FROM town.person GROUP BY sex", ["group"]),
    ("SELECT count(*) AS n FROM town.person", ["group"]),
    (f"SELECT resident_id, h.n FROM town.person JOIN {_HOMES} h USING (household_id)", ["subject", "household"]),
    (f"{_SOMEBODY} m.household_id = c.household_id)", ["subject", "household"]),
    (f"{_SOMEBODY} m.resident_id = c.resident_id)", ["subject", "subject"]),
]


@pytest.mark.parametrize(("sql", "grains"), GRAINS)
def test_the_grain_of_every_scope(sql: str, grains: list[str]) -> None:
    """A scope's row stands for a subject, a household or a group, as the page says; outermost first."""
    facts = read(sql)[1]
    assert [scope.grain for scope in facts.scopes] == grains
    assert facts.output.kind == ("aggregate" if grains[0] == "group" else "row_level")


def test_facts_name_scopes_and_scans_so_that_they_can_be_followed() -> None:
    """Inputs of scopes are scans and scopes of the same facts, and the answer's scope is the first."""
    facts = read(_first_with_three_scopes())[1]
    scopes, scans = {scope.id for scope in facts.scopes}, {scan.id for scan in facts.scans}
    assert {name for scope in facts.scopes for name in scope.inputs} <= scopes | scans
    assert facts.output.scope == facts.scopes[0].id
    assert {name for scope in facts.scopes for name in scope.inputs} >= scans


def _first_with_three_scopes() -> str:
    return next(sql for sql, said in _examples() if sql.count("SELECT") >= 2 and "household" in said)


def test_an_aggregate_answer_reads_the_keys_by_which_persons_and_households_are_counted() -> None:
    """The broker counts groups by distinct persons and households, so the cohort's keys are decided about, too."""
    facts = read("SELECT sex, count(*) AS n FROM town.person GROUP BY sex")[1]
    assert {fact.column: fact.usages for fact in facts.scans[0].columns} == {
        "household_id": ("count_distinct",),
        "resident_id": ("count_distinct",),
        "sex": ("group", "output"),
    }


def test_facts_hold_no_literal() -> None:
    """Nothing that the query compares with stands in the facts."""
    sql = (
        "SELECT c.resident_id, CASE WHEN c.sex = 'zqcanary' THEN 918273645 ELSE 0 END AS x, count(*) FILTER (WHERE "
        "c.age > 918273645) AS y FROM town.person c WHERE c.birth < DATE '1999-01-01' GROUP BY c.resident_id, "
        "CASE WHEN c.sex = 'zqcanary' THEN 918273645 ELSE 0 END"
    )
    facts = str(read(sql)[1].to_json())
    assert not [value for value in ("zqcanary", "918273645", "1999") if value in facts]
