"""The decision records are complete and numbered."""

from __future__ import annotations

import re

from tests.architecture.sources import ROOT

HEADINGS = ("## Context", "## Decision", "## Options considered", "## Consequences")


def test_decision_records_have_their_number_and_their_parts() -> None:
    """Each record's title carries its file's number, and each has context, decision, options and consequences."""
    records = sorted((ROOT / "docs" / "adr").glob("[0-9]*.md"))
    assert records
    for record in records:
        text = record.read_text(encoding="utf-8")
        number = record.name[:4]
        assert re.match(rf"# {number}\. \S", text), record.name
        assert re.search(r"^- Status: (proposed|accepted|superseded by \[\d{4}\])", text, re.MULTILINE), record.name
        assert [h for h in HEADINGS if h not in text] == [], record.name


def test_no_two_decision_records_share_a_number() -> None:
    """A number names one record."""
    numbers = [record.name[:4] for record in (ROOT / "docs" / "adr").glob("[0-9]*.md")]
    assert len(numbers) == len(set(numbers))
