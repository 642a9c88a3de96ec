"""The articles of the reference city's guideline: each is there, binds its controls and speaks plainly in two languages."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from string import Formatter

import pytest
import yaml

from governance.catalogue import Catalogue
from governance.decisions import DenyReason
from governance.errors import Lang
from governance.guideline import Guideline
from governance.load_guideline import load_guideline
from guideline_docs import FOLDER
from tests.architecture.test_house_rules import WORDS_NEVER_USED

LANGUAGES: tuple[Lang, ...] = ("ja", "en")

BOUND = {
    1: {"purpose-goal-permitted", "purpose-goal-not-prohibited"},
    2: {"data-form-declared", "plain-words"},
    3: {"request-well-formed", "purpose-stated", "decision-recorded", "policy-answers"},
    4: {"cohort-declared", "target-age", "scans-reached", "moved-out-excluded"},
    5: {"roles-compatible", "steward-appointed"},
    6: {"action-matrix", "single-hat", "separation-of-duties"},
    7: {"purpose-active", "purpose-allow-list", "purpose-output-kind", "impact-assessed"},
    8: {
        "evidence-noted", "identifier-never-leaves", "minimal-form", "no-free-text", "one-row-per-subject",
        "row-limit-kept",
    },
    9: {
        "legal-basis", "occasional-use-organs", "occasional-use-reasoned", "occasional-use-term",
        "occasional-use-not-repeated",
    },
    10: {"sensitive-items-approved", "sensitive-items-reduced", "package-groups-safe"},
    11: {"my-number-prohibited"},
    12: {"tax-origin-prohibited"},
    13: {
        "address-protected-excluded", "protection-current", "protected-list-cleared", "absence-says-nothing",
        "cleared-staff", "protected-looks-like-nobody",
    },
    14: {"identifier-pseudonymised", "pseudonym-domain-declared", "neutral-order"},
    15: {
        "pseudonyms-one-way", "no-tables-brought", "ticket-purpose", "ticket-reasoned", "ticket-role", "ticket-decider",
        "ticket-in-state", "own-ticket", "ticket-cap", "view-limited", "emergency-decided", "tickets-by-post",
    },
    16: {"criteria-checked", "no-reason-alone", "unknown-stays-unknown", "capacity-decider", "capacity-approved"},
    17: {"smallest-group", "complement-hidden", "populations-compared"},
    18: {
        "recipient-in-contract", "pseudonyms-apart", "provision-packaged", "package-checked", "packages-apart",
        "deletion-certified", "package-in-turn", "package-reviewed",
        "proposal-in-turn", "proposal-checked", "proposal-reviewed",
    },
    19: {
        "approval-route", "approval-current", "approval-unchanged", "guideline-approved", "own-department",
        "classes-confirmed",
        "own-request", "on-the-route", "marks-voided", "preview-protected",
        "decider-absent", "later-look-in-time", "later-look-by-decider", "absence-recorded",
    },
    20: {"identity-verified", "account-in-force"},
    21: {"network-zone"},
    22: {"sources-fresh"},
    23: {"ledger-continues", "ledger-reviewed", "uses-recorded"},
    24: {"terms-kept", "epoch-keys-destroyed", "erasure-counted", "erasure-not-held", "left-results-erased"},
    25: {"contract-clauses-complete", "contractor-inspected", "contractor-staff-named"},
    26: {"training-current"},
    27: {
        "releases-not-stopped", "incident-computed", "incident-in-time", "protected-told-first", "incident-in-turn",
        "incident-dated", "notice-recorded", "incident-settled",
    },
    28: {
        "suspended-excluded", "second-person", "legal-review-first", "cleared-to-know", "request-in-time",
        "correction-passed-on",
    },
    29: {"judged-by-people", "one-at-a-time", "assessment-in-turn", "desk-verdict", "inquiry-limited", "inquiry-addressed",
        "inquiry-in-turn"},
    30: {"exports-marked", "wish-heard", "fairness-looked-at"},
    31: {"purpose-notice"},
    32: {"purpose-term-limited", "purpose-reviewed", "guideline-versioned", "purpose-renewable"},
    33: {"named-persons-only", "approval-days-counted", "approved-afterwards", "fallback-told"},
}  # fmt: skip
"""Article → the controls that carry it out."""

RULES = {
    "request-well-formed": "R3-1", "purpose-stated": "R3-2", "decision-recorded": "R3-3", "cohort-declared": "R4-1",
    "named-persons-only": "R33-2", "approved-afterwards": "R33-6",
    "target-age": "R4-1", "scans-reached": "R4-2", "moved-out-excluded": "R4-3", "action-matrix": "R6-1",
    "single-hat": "R6-2", "separation-of-duties": "R6-3", "purpose-active": "R7-1", "purpose-allow-list": "R7-2",
    "purpose-output-kind": "R7-2", "impact-assessed": "R7-4", "purpose-notice": "R31-1", "legal-basis": "R9-1",
    **dict.fromkeys(("occasional-use-organs", "occasional-use-reasoned", "occasional-use-term"), "R9-2"),
    "occasional-use-not-repeated": "R9-3", "purpose-reviewed": "R32-2", "purpose-renewable": "R32-4",
    "recipient-in-contract": "R18-1", "contract-clauses-complete": "R25-1", "contractor-inspected": "R25-3",
    "evidence-noted": "R8-1", "identifier-never-leaves": "R8-2",
    "minimal-form": "R8-3", "no-free-text": "R8-4", "one-row-per-subject": "R8-3", "sensitive-items-approved": "R10-1",
    "sensitive-items-reduced": "R10-2", "my-number-prohibited": "MYN-1", "tax-origin-prohibited": "TAX-1",
    "address-protected-excluded": "R13-1", "protection-current": "R13-6", "identifier-pseudonymised": "R14-1", "pseudonym-domain-declared": "R14-2",
    "smallest-group": "R17-1", "approval-route": "R19-1", "approval-current": "R19-3", "approval-unchanged": "R19-4",
    "guideline-approved": "R19-5", "own-department": "R19-6", "classes-confirmed": "R19-7", "own-request": "R19-8", "on-the-route": "R19-9",
    **dict.fromkeys(("decider-absent", "later-look-in-time", "later-look-by-decider", "absence-recorded"), "R19-2"),
    "protected-list-cleared": "R13-7",
    "purpose-goal-permitted": "R1-1", "purpose-goal-not-prohibited": "R1-2", "data-form-declared": "R2-1",
    "roles-compatible": "R5-1", "account-in-force": "R20-2", "network-zone": "R21-1", "training-current": "R26-1",
    "identity-verified": "R20-1", "sources-fresh": "R22-2", "releases-not-stopped": "R27-2",
    "protected-told-first": "R27-4", "incident-in-turn": "R27-5", "incident-dated": "R27-5", "notice-recorded": "R27-6", "incident-settled": "R27-7",
    "contractor-staff-named": "R25-4", "provision-packaged": "R18-3", "package-checked": "R18-3",
    "package-groups-safe": "R10-4", "package-in-turn": "R18-7", "package-reviewed": "R18-7",
    "proposal-in-turn": "R18-6", "proposal-checked": "R18-6", "proposal-reviewed": "R18-6",
    "suspended-excluded": "R28-2", "second-person": "R28-6", "erasure-not-held": "R24-4",
    "legal-review-first": "R28-3", "cleared-to-know": "R28-3",
    "ticket-purpose": "R15-2", "ticket-reasoned": "R15-2", "ticket-role": "R15-3", "emergency-decided": "R15-5",
    "ticket-decider": "R15-7", "tickets-by-post": "R15-7", "ticket-in-state": "R15-8", "own-ticket": "R15-8", "ticket-cap": "R15-9",
    "view-limited": "R15-10", "cleared-staff": "R13-8", "judged-by-people": "R29-1", "wish-heard": "R30-2",
    **dict.fromkeys(("inquiry-limited", "inquiry-addressed", "inquiry-in-turn"), "R29-7"),
    "capacity-decider": "R16-5", "capacity-approved": "R16-5", "assessment-in-turn": "R29-5", "desk-verdict": "R29-6",
}  # fmt: skip
"""Control → its rule, for those that the policy or the ledger carries out."""

_COLUMN = {"dataset": "kaigo.cert", "column": "care_level"}
_DATASET = {"dataset": "shimin.child"}
_PURPOSE = {"purpose": "young_carer"}
_APPROVAL = {"approval": "A-1"}
_RECIPIENT = {"recipient": "vendor-a"}
PARAMETERS: dict[str, dict[str, str | int]] = {
    "action-matrix": {"action": "query.row_level", "role": "analyst"},
    "purpose-active": _PURPOSE,
    "purpose-goal-permitted": _PURPOSE,
    "purpose-goal-not-prohibited": _PURPOSE,
    "data-form-declared": _PURPOSE,
    "roles-compatible": {"role": "auditor"},
    "purpose-notice": _PURPOSE,
    **dict.fromkeys(("impact-assessed", "purpose-reviewed", "purpose-renewable", "legal-basis"), _PURPOSE),
    **dict.fromkeys((
            "recipient-in-contract", "contract-clauses-complete", "contractor-inspected", "contractor-staff-named",
            "provision-packaged",
        ),
        _RECIPIENT,
    ),
    "purpose-output-kind": _PURPOSE,
    "pseudonym-domain-declared": _PURPOSE,
    "approval-route": {"missing": "consult:kaigo"},
    "approval-current": _APPROVAL,
    "approval-unchanged": _APPROVAL,
    "protection-current": {"dataset": "shimin.child", "as_of": "2023-09-28", "max_days": 1, "calendar": "office"},
    "approved-afterwards": _APPROVAL,
    "sources-fresh": {"dataset": "shimin.child", "as_of": "2023-09-01", "max_days": 5, "calendar": "office"},
    "smallest-group": {"k": 5},
    "occasional-use-organs": {"basis": "69-2-2"},
    "occasional-use-reasoned": {"least": 30},
    "occasional-use-term": {"days": 90},
    "occasional-use-not-repeated": {"dataset": "shimin.child", "times": 2, "days": 365},
    "populations-compared": {"k": 5},
    "own-department": {"department": "kaigo"},
    "classes-confirmed": _COLUMN,
    **dict.fromkeys(
        (
            "purpose-allow-list", "identifier-never-leaves", "no-free-text", "my-number-prohibited",
            "tax-origin-prohibited", "sensitive-items-approved", "sensitive-items-reduced", "minimal-form",
            "identifier-pseudonymised", "evidence-noted", "named-persons-only",
        ),
        _COLUMN,
    ),
    **dict.fromkeys(
        (
            "scans-reached", "cohort-declared", "one-row-per-subject", "target-age", "moved-out-excluded",
            "address-protected-excluded", "suspended-excluded",
        ),
        _DATASET,
    ),
}  # fmt: skip
"""What a reason of the policy says beside ``on``, control by control; controls that are missing here say nothing more."""

CONTROLS = sorted({control for controls in BOUND.values() for control in controls})

UNSURE = re.compile("児童福祉法|若者育成支援|住民基本台帳法|番号法2条8項|番号法30条|DV等支援措置|2条3項|年齢計算")
"""Citations that nobody has looked up in the statute itself."""


def test_each_article_binds_its_controls(guideline: Guideline) -> None:
    """Every control is bound by exactly the article that it carries out."""
    bound = {article.number: {c for rule in article.rules for c in rule.controls} for article in guideline.articles}
    assert bound == BOUND


@pytest.mark.parametrize("control", sorted(RULES))
def test_each_control_carries_out_its_rule(control: str, guideline: Guideline) -> None:
    """A control is cited under the rule of the guideline that it carries out."""
    _, rule = guideline.binding(control)
    assert rule.id == RULES[control]
    assert rule.enforced_by == ("ledger" if control == "decision-recorded" else "rego")


@pytest.mark.parametrize("control", CONTROLS)
def test_a_refusal_renders_with_what_the_policy_says(control: str, guideline: Guideline, catalogue: Catalogue) -> None:
    """Text and remedy render in both languages with the policy's parameters, full or blank, and leave nothing open."""
    full = PARAMETERS.get(control, {})
    blank: dict[str, str | int] = {name: 0 if isinstance(value, int) else "" for name, value in full.items()}
    for params in (full, blank):
        citation = guideline.cite(DenyReason(control=control, on="s2.care_level", params=params), catalogue=catalogue)
        for lang in LANGUAGES:
            for sentence in (citation.text[lang], citation.remedy[lang]):
                assert sentence.strip() == sentence
                assert not set("{}") & set(sentence)
        assert citation.text["ja"].endswith("。")
        assert citation.remedy["ja"].endswith("。")
        assert citation.text["en"].endswith(".")
        assert citation.remedy["en"].endswith(".")


@pytest.mark.parametrize("control", CONTROLS)
def test_a_refusal_says_all_that_the_policy_tells(control: str, guideline: Guideline) -> None:
    """What the policy names (the column, the missing step, the date) is in the sentence."""
    _, rule = guideline.binding(control)
    for lang in LANGUAGES:
        fields = {name for _, name, _, _ in Formatter().parse(rule.controls[control].text[lang]) if name}
        told = fields - {"on"} if "item" not in fields else fields - {"on", "item"} | {"dataset", "column"}
        assert told == PARAMETERS.get(control, {}).keys()


def test_the_policy_tells_the_names_that_the_sentences_use(root: Path) -> None:
    """Each rule in Rego gives the parameters that its sentences are written with, blank ones included."""
    told: dict[str, set[str]] = {}
    for path in (root / "policies" / "rego").rglob("*.rego"):
        for control, params in re.findall(
            r'^unspecified\["([a-z-]+)"\] := (\{.*\})$', path.read_text(encoding="utf-8"), re.MULTILINE
        ):
            told[control] = set(json.loads(params))
    by_rules = {control: set(names) for control, names in PARAMETERS.items() if control in RULES}
    assert {control: told.get(control) for control in by_rules} == by_rules
    assert told.keys() <= RULES.keys()


@pytest.mark.parametrize("control", CONTROLS)
def test_a_refusal_says_what_would_be_acceptable(control: str, guideline: Guideline) -> None:
    """The remedy asks for something, politely; the article's number is the renderer's to add."""
    _, rule = guideline.binding(control)
    texts = rule.controls[control]
    assert re.search("ください|できます|使えます", texts.remedy["ja"])
    for sentence in (*texts.text.values(), *texts.remedy.values()):
        assert not re.search(r"第\s*[0-9０-９]+\s*条|article [0-9]", sentence, re.IGNORECASE)


def test_what_people_carry_out_says_why(guideline: Guideline) -> None:
    """A rule that software cannot check gives its reason, and no control pretends to check it."""
    people = [rule for article in guideline.articles for rule in article.rules if rule.enforced_by == "people"]
    assert len(people) >= 10
    for rule in people:
        assert rule.controls == {}
        assert rule.reason is not None
        assert rule.reason.ja.endswith("ため。")


def test_articles_are_written_in_numbered_paragraphs(guideline: Guideline) -> None:
    """The body of an article is its 項, numbered from 1; its number and title stand in the front matter alone."""
    for article in guideline.articles:
        paragraphs = article.body_ja.strip().split("\n\n")
        assert [paragraph.split("　")[0] for paragraph in paragraphs] == [str(n + 1) for n in range(len(paragraphs))]
        assert all(paragraph.endswith("。") for paragraph in paragraphs), article.file
        assert len(article.body_en) > 80
        assert f"第{article.number}条" not in article.body_ja


def test_uncertain_citations_say_so(guideline: Guideline) -> None:
    """A citation that was not looked up is marked for a lawyer and never stated as fact."""
    citations = [law for article in guideline.articles for law in article.law]
    citations += [duty for purpose in guideline.tables["purposes"].values() for duty in purpose["duty"]]
    unsure = [citation for citation in citations if UNSURE.search(citation)]
    assert len(unsure) >= 8
    assert [citation for citation in unsure if "要確認（弁護士）" not in citation] == []
    assert all(article.law for article in guideline.articles)


def test_no_text_uses_a_word_that_is_wrong_in_law_or_hurts() -> None:
    """The guideline keeps to the words that it allows others to use."""
    texts = {path: path.read_text(encoding="utf-8") for path in FOLDER.rglob("*") if path.suffix in (".md", ".yaml")}
    assert len(texts) >= 30
    listed = {path for path in texts if path.name == "parameters.yaml"}  # the list of words to avoid
    avoided = yaml.safe_load((FOLDER / "tables" / "parameters.yaml").read_text(encoding="utf-8"))["words_to_avoid"]
    assert {path for path, text in texts.items() for word in avoided if word in text} == listed
    assert [word for word in WORDS_NEVER_USED if not any(word in entry or entry in word for entry in avoided)] == []


@pytest.mark.parametrize("number", [7, 19])
def test_renumbering_an_article_changes_no_table(number: int, tmp_path: Path, guideline: Guideline) -> None:
    """Controls keep their slugs when an article gets another number, so neither tables nor rules have to follow."""
    folder = Path(shutil.copytree(FOLDER, tmp_path / "guideline"))
    old = folder / "articles" / f"art{number:02}.md"
    text = old.read_text(encoding="utf-8")
    old.unlink()
    text = text.replace(f"article: {number}\n", "article: 77\n").replace(f"id: R{number}-", "id: R77-")
    (folder / "articles" / "art77.md").write_text(text, encoding="utf-8")

    renumbered = load_guideline(folder)

    assert dict(renumbered.tables) == dict(guideline.tables)
    for control in CONTROLS:
        before, after = guideline.binding(control), renumbered.binding(control)
        assert after[0].number == (77 if before[0].number == number else before[0].number)
        assert after[1].controls[control] == before[1].controls[control]
    assert renumbered.articles_of(tuple(BOUND[number])) == (77,)
    assert renumbered.version != guideline.version
