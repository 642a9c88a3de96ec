"""Attacks through the whole broker: what is refused, what is answered, and what nobody learns from either.

The oracle is noninterference: the same question is asked in worlds that differ in one secret of one person.
"""

from __future__ import annotations

import io
import re
from collections import Counter
from typing import Any

import pytest

from governance.errors import Denied, SekishoError
from query_broker.release import Release
from tests.invariants.canaries import told
from tests.security.cases import Attack, attacks, oracles
from tests.security.deployed import Corpus
from tests.security.masked import comparable, masked_tables
from tests.security.worlds import MARKS, WORLDS, World

CASES = [pytest.param(case, id=case.id) for case in attacks()]
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


def outcome(corpus: Corpus, sql: str, *, purpose: str, world: World) -> Release | SekishoError:
    """The answer, or the refusal."""
    try:
        return corpus.ask(sql, purpose=purpose, world=world)
    except SekishoError as refusal:
        return refusal


def as_seen(found: Release | SekishoError) -> Any:
    """Everything that the asker sees of an outcome, but for the names of pseudonyms and of the request."""
    if isinstance(found, Release):
        rows = [tuple(row.values()) for row in found.table.to_pylist()]
        return ("answer", found.table.schema.names, comparable(rows))
    return ("refusal", found.code, _UUID.sub("", str(found)), citations(found))


def citations(found: SekishoError) -> list[tuple[int, str, str]]:
    """Articles, controls and what they are about."""
    return [(c.article, c.control, c.on) for c in found.citations] if isinstance(found, Denied) else []


@pytest.mark.parametrize("case", CASES)
def test_an_attack_gets_nowhere(case: Attack, corpus: Corpus, log: io.StringIO) -> None:
    """Refused with a code and a remedy in both languages before any department is asked, or answered as an honest oracle says."""
    corpus.asked.clear()
    found = outcome(corpus, case.sql, purpose="stat", world="base")
    if isinstance(found, SekishoError):
        assert found.exit_status in (2, 3)
        assert not corpus.asked
        if isinstance(found, Denied):
            assert all(c.text[lang] and c.remedy[lang] for c in found.citations for lang in ("ja", "en"))
        else:
            assert found.text("ja") != found.text("en")
            assert found.remedy("ja") != found.remedy("en")
    else:
        assert case.expect != "reject"
        with masked_tables() as masked:
            rows = [tuple(row.values()) for row in found.table.to_pylist()]
            assert comparable(rows) == comparable(masked.execute(oracles()[case.id]).fetchall())
        for world in WORLDS:
            elsewhere = outcome(corpus, case.sql, purpose="stat", world=world)
            if world in ("name", "number"):
                assert as_seen(elsewhere) == as_seen(found), world
    seen = told(found).text if isinstance(found, SekishoError) else repr(found.table.to_pydict())
    for text in (seen, log.getvalue(), corpus.last_records):
        # What the asker typed may be an identifier; it must not come back from anywhere either.
        assert not MARKS.search(text)


@pytest.mark.parametrize("case", CASES)
def test_an_attack_on_rows_shows_no_identifier(case: Attack, corpus: Corpus) -> None:
    """Under an approval of rows, too: no identifier in what comes back, and the same for a person of another name or number."""
    corpus.asked.clear()
    found = outcome(corpus, case.sql, purpose="study", world="base")
    text = told(found).text if isinstance(found, SekishoError) else repr(found.table.to_pydict())
    assert not MARKS.search(text)
    if corpus.asked:
        for world in ("name", "number"):
            assert as_seen(outcome(corpus, case.sql, purpose="study", world=world)) == as_seen(found), world


def test_the_corpus_is_whole() -> None:
    """As many attacks of each kind as were collected, each with an identity of its own."""
    assert Counter(case.expect for case in attacks()) == {"reject": 186, "mask": 143, "suppress": 25}
    assert len({case.id for case in attacks()}) == 354
