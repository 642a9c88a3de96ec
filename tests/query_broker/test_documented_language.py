"""``docs/query-language.md`` says what is so: its examples are asked, its limits and codes are the broker's."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest
import yaml

from governance.errors import BadInput
from governance.forms import FormKind
from query_broker import clauses, expressions, gate, literal_rows, magnitudes, resolve
from tests.query_broker.asking import ask, certified

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "query-language.md").read_text(encoding="utf-8")


def _examples() -> Iterator[tuple[str, str]]:
    for block in PAGE.split("```sql\n")[1:]:
        sql, _, rest = block.partition("\n```\n")
        yield sql, rest.partition("\n")[0].removeprefix("> ") if rest.startswith("> ") else "accepted"


@pytest.mark.parametrize(("sql", "said"), list(_examples()))
def test_an_example_is_accepted_or_refused_as_the_page_says(sql: str, said: str) -> None:
    """Each query of the page passes every stage before the departments, or is refused with the code below it."""
    if said == "accepted":
        assert certified(ask(sql)).digest
    else:
        with pytest.raises(BadInput) as refusal:
            ask(sql)
        assert f"refused: {refusal.value.code}" == said


def test_every_code_is_on_the_page() -> None:
    """The table of codes has each refusal from reading to rewriting once, and no other."""
    room = yaml.safe_load((ROOT / "governance" / "messages" / "query_broker.yaml").read_text(encoding="utf-8"))
    later = ("not-certified", "department-", "stream-", "combine-", "answer-", "answers-")
    table = re.findall(r"^\| `([a-z-]+)` \|", PAGE, re.MULTILINE)
    assert sorted(table) == sorted(code for code in room if not code.startswith(later))


def test_every_form_is_on_the_page() -> None:
    """Whoever gets a column in some form finds what may be done with it; ``match`` is for look-ups, not for queries."""
    table = PAGE.partition("## What a column looks like")[2].partition("\n## ")[0]
    assert [kind for kind in get_args(FormKind) if kind != "match" and not re.search(rf"\| .*\b{kind}\b", table)] == []


def test_the_limits_are_the_ones_that_hold() -> None:
    """The numbers of the page are the numbers of the code."""
    table = PAGE.partition("## Limits")[2].partition("\n## ")[0]
    limits = [
        gate.MAX_LENGTH,
        gate.MAX_WORDS,
        gate.MAX_DEPTH,
        expressions.MAX_NODES,
        expressions.MAX_NESTING,
        resolve.MAX_SCOPE_DEPTH,
        resolve.MAX_SCANS,
        literal_rows.MAX_ROWS,
        clauses.MAX_LEVELS,
        2**63 - 1,
        magnitudes.VALUE,
        magnitudes.ROWS,
    ]
    assert [int(number.replace(",", "")) for number in re.findall(r"\b\d[\d,]*", table)] == limits
