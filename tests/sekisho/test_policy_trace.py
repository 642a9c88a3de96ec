"""``sekisho policy trace``: every rule of the guideline leads to what carries it out, its tests and its decisions."""

from __future__ import annotations

import json
import shutil
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from governance.guideline import Guideline
from governance.load_guideline import load_guideline
from sekisho import cli
from sekisho.deployment import Deployment
from sekisho.policy_trace import SOURCE, read_code_controls, trace
from tests.city import ask


@pytest.fixture(scope="module")
def guideline(root: Path) -> Guideline:
    return load_guideline(root / "guideline_docs")


def run(folder: Path, *arguments: str) -> int:
    return cli.run(["--deployment", str(folder), *arguments])


def test_the_guideline_has_no_gap(guideline: Guideline) -> None:
    """Every rule says who carries it out; each control has its code and its tests, and each rule in Rego its article."""
    found = trace(guideline)
    assert found.gaps == ()
    assert {line.rule for line in found.lines} == {rule.id for article in guideline.articles for rule in article.rules}
    assert all(line.code and line.tests for line in found.lines if line.control is not None)


def test_controls_of_code_are_those_that_the_guideline_binds(guideline: Guideline) -> None:
    """The table of controls that code carries out names files that are there, and no control that nothing binds."""
    bound = {
        control
        for article in guideline.articles
        for rule in article.rules
        for control in rule.controls
        if rule.enforced_by in ("engine", "ledger")
    }
    table = read_code_controls()
    assert set(table) == bound
    paths = [path for entry in table.values() for kind in ("code", "tests") for path in entry[kind]]
    assert [path for path in paths if not (SOURCE / path).is_file()] == []


def test_rules_without_an_article_are_a_gap(guideline: Guideline) -> None:
    """A control that no article binds any more, and a control without code, are told."""
    articles = tuple(
        replace(article, rules=tuple(rule for rule in article.rules if "target-age" not in rule.controls))
        for article in guideline.articles
    )
    assert [(gap.at, gap.missing.en) for gap in trace(replace(guideline, articles=articles)).gaps] == [
        (control, "an article") for control in ("cohort-declared", "target-age")
    ]
    first = guideline.articles[0]
    rule = next(rule for rule in first.rules if rule.enforced_by == "rego")
    unknown = replace(rule, controls={"no-such-control": next(iter(rule.controls.values()))})
    others = tuple(other for other in first.rules if other is not rule)
    changed = replace(guideline, articles=(replace(first, rules=(*others, unknown)), *guideline.articles[1:]))
    gaps = {(gap.at, gap.missing.en) for gap in trace(changed).gaps}
    assert {("no-such-control", "what carries it out"), ("no-such-control", "a test")} <= gaps


def test_a_refusal_leads_to_its_rule_and_to_its_entry(
    city_with_approval: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """From the ledger entry of a refusal one command shows the controls that refused, with article, Rego and tests."""
    deployment = Deployment.load(city_with_approval)
    with deployment.broker() as broker, pytest.raises(Exception, match=r"."):
        ask(broker, deployment, purpose=None)
    with deployment.broker() as broker:
        entry = broker.ledger.size - 1
        decided = broker.ledger.entry(entry).document
        while decided["kind"] != "decision":
            entry -= 1
            decided = broker.ledger.entry(entry).document
    refusing = {reason["control"] for reason in decided["deny"]}
    assert "purpose-stated" in refusing
    capsys.readouterr()

    command = ("--as", "auditor", "--hat", "auditor", "--format", "json", "policy", "trace", "--entry", str(entry))
    assert run(city_with_approval, *command) == 0
    lines = json.loads(capsys.readouterr().out)["trace"]
    assert {line["control"] for line in lines} == refusing
    stated = next(line for line in lines if line["control"] == "purpose-stated")
    assert (stated["article"], stated["rule"]) == (3, "R3-2")
    assert stated["code"] == ["policies/rego/sekisho/controls/purpose-stated.rego"]
    assert "tests/policies/cases/purpose-stated.yaml" in stated["tests"]
    assert stated["refused"] >= 1


def test_counts_are_for_those_who_may_read_the_ledger(
    city_with_approval: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without an account the trace has no counts; an account that may not read the ledger is refused."""
    assert run(city_with_approval, "--format", "json", "policy", "trace", "--control", "purpose-stated") == 0
    (line,) = json.loads(capsys.readouterr().out)["trace"]
    assert line["granted"] is None
    assert run(city_with_approval, "--as", "vendor-a", "--hat", "analyst", "policy", "trace") == 3
    assert "action-matrix" in capsys.readouterr().err


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_one_control_is_shown_as_a_list(new_city: Path, capsys: pytest.CaptureFixture[str], lang: str) -> None:
    """A control that a refusal named shows its article, its sentence, the remedy, its Rego and its tests."""
    assert run(new_city, "--lang", lang, "policy", "trace", "--control", "smallest-group") == 0
    out = capsys.readouterr().out
    for part in ("17", "R17-1", "smallest-group.rego", "smallest-group_test.rego", "smallest-group.yaml"):
        assert part in out


def test_one_rule_is_shown_with_all_its_controls(
    new_city: Path, capsys: pytest.CaptureFixture[str], guideline: Guideline
) -> None:
    """A rule that a refusal named shows every control that carries it out, and no other rule; people's rules, too."""
    rules = [rule for article in guideline.articles for rule in article.rules]
    several = next(rule for rule in rules if len(rule.controls) > 1)
    people = next(rule for rule in rules if rule.enforced_by == "people")
    for rule in (several, people):
        assert run(new_city, "--format", "json", "policy", "trace", "--rule", rule.id) == 0
        lines = json.loads(capsys.readouterr().out)["trace"]
        assert {line["rule"] for line in lines} == {rule.id}
        assert [line["control"] for line in lines] == (list(rule.controls) or [None])


def test_the_trace_goes_into_a_page_and_a_sheet(
    new_city: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Markdown and Excel hold every rule and say 架空データ; another kind of file and an existing one are refused."""
    page, sheet = tmp_path / "trace.md", tmp_path / "trace.xlsx"
    assert run(new_city, "policy", "trace", "--out", str(page)) == 0
    text = page.read_text(encoding="utf-8")
    assert "架空データ" in text
    assert "R17-1" in text
    assert run(new_city, "policy", "trace", "--out", str(sheet)) == 0
    with zipfile.ZipFile(sheet) as book:
        assert "R17-1" in book.read("xl/sharedStrings.xml").decode()
    assert run(new_city, "policy", "trace", "--out", str(tmp_path / "trace.pdf")) == 2
    assert run(new_city, "policy", "trace", "--out", str(page)) == 2
    capsys.readouterr()


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("--article", "999"), "trace-article-unknown"),
        (("--rule", "R999-1"), "trace-rule-unknown"),
        (("--control", "no-such"), "trace-control-unknown"),
        (("--as", "auditor", "--hat", "auditor", "--entry", "0"), "trace-entry-other"),
        (("--as", "auditor", "--hat", "auditor", "--entry", "999999"), "ledger-index-unknown"),
    ],
)
def test_what_is_not_there_is_said(
    new_city: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], code: str
) -> None:
    """An unknown article, rule, control or entry ends with 2 and says where the right ones are found."""
    assert run(new_city, "--format", "json", "policy", "trace", *arguments) == 2
    assert json.loads(capsys.readouterr().out)["error"]["code"] == code


def test_a_gap_ends_with_1(new_city: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a link is missing, the command says so and ends with the status of a fault that was found."""
    shutil.rmtree(new_city / "log", ignore_errors=True)
    monkeypatch.setattr("sekisho.policy_trace.read_code_controls", dict)
    assert run(new_city, "--lang", "en", "policy", "trace") == 1
    assert "row-limit-kept: what carries it out is missing." in capsys.readouterr().err
