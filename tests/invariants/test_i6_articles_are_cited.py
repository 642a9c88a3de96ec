"""I6: every deny cites the articles it rests on; every allow cites the articles it was granted under."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from governance.errors import Denied, Fault
from governance.load_guideline import load_guideline
from reference.akishima.demo import query_text
from sekisho.deployment import Deployment
from tests.architecture.sources import ROOT
from tests.city import ask

GUIDELINE = load_guideline(ROOT / "guideline_docs")


def controls_of_the_rules() -> set[str]:
    """Every control that a rule can give as a reason, read from the rules themselves."""
    text = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "policies" / "rego").rglob("*.rego"))
    return set(re.findall(r'"control": "([a-z0-9-]+)"', text))


def test_every_control_is_bound_to_an_article() -> None:
    """Whatever the rules require or give as a reason has an article, a rule and sentences in both languages."""
    required = {control for controls in GUIDELINE.tables["requirements"].values() for control in controls}
    assert len(required) > 25
    for control in required | (controls_of_the_rules() & required):
        article, rule = GUIDELINE.binding(control)
        assert article.number > 0
        for lang in ("ja", "en"):
            assert rule.controls[control].text[lang]
            assert rule.controls[control].remedy[lang]


def test_a_deny_cannot_be_made_without_an_article() -> None:
    """A refusal without a ground is a fault of ours and not a refusal."""
    with pytest.raises(Fault):
        Denied(())


@pytest.mark.parametrize(
    "request_",
    [
        {},
        {"purpose": "stat", "sql": query_text("stat_by_grade")},
        {"purpose": None},
        {"principal": None},
        {"principal": "vendor-a", "hat": "analyst"},
        {"sql": query_text("with_name")},
        {"sql": query_text("adult_row")},
        {"approval": "AP-2023-0777"},
    ],
)
def test_what_is_answered_is_cited_in_the_answer_and_in_the_ledger(
    approved_city: Path, request_: dict[str, Any]
) -> None:
    """Release or refusal, its articles are those of its controls, the same for the person and in the ledger."""
    deployment = Deployment.load(approved_city)
    with deployment.broker() as broker:
        try:
            release = ask(broker, deployment, **request_)
        except Denied as denied:
            entry = broker.ledger.entry(int(denied.decision_id or -1)).document
            told = sorted({citation.article for citation in denied.citations})
            assert told == sorted({GUIDELINE.binding(reason["control"])[0].number for reason in entry["deny"]})
            for citation in denied.citations:
                assert "{" not in citation.text["ja"] + citation.text["en"]
        else:
            entry = broker.ledger.entry(release.decision_index).document
            told = list(release.articles)
            assert told == list(GUIDELINE.articles_of(tuple(entry["granted_under"])))
        assert told
        assert entry["articles"] == told
