"""Criteria that a contractor hands back: what is read of a stranger's bytes, and what a comparison tells."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from copy import deepcopy
from fractions import Fraction
from pathlib import Path
from typing import Any
from uuid import UUID

import pyarrow as pa
import pytest
import yaml

from governance.errors import BadInput
from risk.evaluation import Limits
from risk.judge import judge
from risk.load_rules import read_rules
from risk.proposals import (
    MOST_BYTES,
    Comparison,
    Proposed,
    compare,
    factor_changes,
    read_proposal,
    written,
)
from risk.rule_set import RuleSet
from tests.risk.samples import DOCUMENT, rules, template

TEMPLATES = {"help-features": template()}
LIMITS = Limits(least=10, smallest=5, compared=30, highest=Fraction(2), lowest=Fraction(1, 2))


@pytest.fixture
def current(tmp_path: Path) -> RuleSet:
    """The criteria in force."""
    return rules(tmp_path)


def changed(change: Callable[[dict[str, Any]], object]) -> bytes:
    """The criteria with a version of their own, and changed, as YAML."""
    document = {**deepcopy(DOCUMENT), "version": "2"}
    change(document)
    return yaml.safe_dump(document, allow_unicode=True, sort_keys=False).encode()


def read(data: bytes, current: RuleSet) -> Proposed:
    """Read as a proposal."""
    return read_proposal(data, file="back.yaml", current={"help": current}, templates=TEMPLATES)


def refusal(data: bytes, current: RuleSet) -> BadInput:
    """That is no proposal."""
    with pytest.raises(BadInput) as caught:
        read(data, current)
    assert caught.value.text("ja")
    assert caught.value.text("en")
    return caught.value


def set_factor(name: str, **values: Any) -> Callable[[dict[str, Any]], object]:
    """A factor is as it is, but for these."""
    return lambda document: document["factors"][name].update(values)


def test_points_conditions_and_thresholds_may_be_proposed(current: RuleSet) -> None:
    """As YAML and as JSON; the changes name each factor that is not as it was."""

    def change(document: dict[str, Any]) -> None:
        document["factors"]["XX02"]["hit"] = "late >= 5"
        document["factors"]["XX01"]["weight"] = 2
        document["factors"]["XX06"] = {**document["factors"].pop("XX03"), "hit": "poor AND late >= 1"}
        document["bands"]["a"] = 7

    proposed = read(changed(change), current)
    same = read(json.dumps(yaml.safe_load(changed(change))).encode(), current)
    assert [(c.factor, c.change) for c in factor_changes(current, proposed.rules)] == [
        ("XX01", "changed"), ("XX02", "changed"), ("XX03", "removed"), ("XX06", "added"),
    ]  # fmt: skip
    assert factor_changes(proposed.rules, same.rules) == ()
    assert (proposed.rules.band_a, proposed.rules.version) == (7, "2")


SAFEGUARDS: Mapping[str, tuple[Callable[[dict[str, Any]], object], str]] = {
    "items that are no reason alone": (lambda d: d.update(never_alone=[]), "never_alone"),
    "who is helped already": (lambda d: d.update(supported="helped AND FALSE"), "supported"),
    "an alert more": (lambda d: d.update(alerts=["XX05", "XX01"]), "alerts"),
    "an alert less": (lambda d: d.update(alerts=[]), "alerts"),
    "another alert under the same name": (set_factor("XX05", hit="gone OR need"), "XX05"),
    "households": (lambda d: d.update(together="who"), "together"),
    "watched groups": (
        lambda d: d.update(watched={"poor": {"label": {"ja": "困窮", "en": "poor"}, "hit": "poor"}}),
        "watched",
    ),
    "where it comes from": (
        lambda d: d.update(proposed={"proposal": "RP-2023-0001", "recipient": "firm", "package": "PK-2023-0001"}),
        "proposed",
    ),
}


@pytest.mark.parametrize(("change", "part"), SAFEGUARDS.values(), ids=SAFEGUARDS)
def test_what_protects_people_is_not_proposed(
    current: RuleSet, change: Callable[[dict[str, Any]], object], part: str
) -> None:
    """A contractor that takes a safeguard out is told which, with the line; so is one that adds what lists at once."""
    found = refusal(changed(change), current)
    assert (found.code, found.params["part"]) == ("proposal-keeps", part)


REFUSED: Mapping[str, tuple[Callable[[dict[str, Any]], object], str]] = {
    "a template of another": (lambda d: d.update(template="other"), "rules-template"),
    "a column that the template has not": (set_factor("XX01", hit="income > 3"), "rules-column"),
    "a query for a condition": (set_factor("XX01", hit="(SELECT TRUE)"), "rules-condition"),
    "a function for a condition": (set_factor("XX01", hit="read_text('/etc/passwd') = 'x'"), "rules-condition"),
    "parentheses without end": (set_factor("XX01", hit="(" * 200 + "need" + ")" * 200), "rules-condition"),
    "a reason that is none by itself": (
        lambda d: (d["listed"].pop(0), d["factors"]["XX03"].update(weight=5)),
        "rules-alone",
    ),
    "the version in force": (lambda d: d.update(version="1"), "proposal-version"),
    "a field of its own": (lambda d: d.update(model="gbdt"), "schema-unknown-field"),
    "a pseudonym in a label": (
        set_factor("XX01", label={"ja": "0f8c2d4e-77aa-4b1c-9d10-3e5f6a7b8c9d", "en": "x"}),
        "proposal-text",
    ),
    "a number of somebody in the evidence": (set_factor("XX01", evidence="住民 1234567"), "proposal-text"),
    "the same in full width": (set_factor("XX01", evidence="１２３４５６７"), "proposal-text"),
    "a number of somebody in a condition": (set_factor("XX01", hit="late = 1234567"), "proposal-text"),
    "a number of somebody for a weight": (set_factor("XX01", weight=1234567), "proposal-text"),
    "a long text": (set_factor("XX01", evidence="調" * 301), "proposal-text-long"),
    "too many factors": (
        lambda d: d["factors"].update({f"ZZ{n:02d}": deepcopy(d["factors"]["XX01"]) for n in range(80)}),
        "proposal-factors",
    ),
}


@pytest.mark.parametrize(("change", "code"), REFUSED.values(), ids=REFUSED)
def test_what_a_stranger_sends_is_refused_with_its_place(
    current: RuleSet, change: Callable[[dict[str, Any]], object], code: str
) -> None:
    """With file and line, and without a word of the text that was sent."""
    found = refusal(changed(change), current)
    assert (found.code, found.params["file"]) == (code, "back.yaml")
    assert int(found.params["line"]) >= 1
    assert "1234567" not in found.text("ja") + found.text("en")


@pytest.mark.parametrize(
    "data", [b"", b"[]", b"1", b"\xff\xfe", b"a: &x 1\nb: *x\n", b"{" * 5000, b"#" * (MOST_BYTES + 1)]
)
def test_bytes_that_are_no_criteria_are_refused(current: RuleSet, data: bytes) -> None:
    """Empty, a list, a number, no UTF-8, anchors, brackets without end, too much."""
    refusal(data, current)


def test_criteria_for_what_nobody_judges_are_refused(current: RuleSet) -> None:
    """There is nothing that they could replace."""
    with pytest.raises(BadInput) as caught:
        read_proposal(changed(lambda d: None), file="b", current={}, templates=TEMPLATES)
    assert caught.value.code == "proposal-purpose"
    assert current.purpose == "help"


def test_what_is_written_says_the_same_and_where_it_comes_from(current: RuleSet) -> None:
    """Comments of the contractor do not reach the guideline; the same criteria do, with their origin."""
    data = b"# \xe7\xa7\x98\xe5\xaf\x86\n" + changed(set_factor("XX02", evidence="調査: 第2版", hit="late >= 4"))
    proposed = read(data, current)
    text = written(proposed.document, proposal="RP-2023-0001", recipient="firm", package="PK-2023-0002")
    again = read_rules(text, TEMPLATES, file="help.yaml")
    assert "秘密" not in text.decode()
    assert again.proposal == "RP-2023-0001"
    assert factor_changes(proposed.rules, again) == ()
    assert yaml.safe_load(text) == {
        **yaml.safe_load(data),
        "proposed": {"proposal": "RP-2023-0001", "recipient": "firm", "package": "PK-2023-0002"},
    }


def people(*groups: tuple[int, Mapping[str, Any]]) -> pa.Table:
    """So many persons of each kind."""
    plain: dict[str, Any] = {
        "need": False, "late": 0, "late_known": 3, "poor": False, "age": 0, "helped": False, "gone": False,
    }  # fmt: skip
    rows = [{**plain, **values} for count, values in groups for _ in range(count)]
    for number, row in enumerate(rows, start=1):
        row["who"] = UUID(int=number)
    columns = {name: pa.array([row[name] for row in rows]) for name in plain}
    return pa.table({"who": pa.array([row["who"].bytes for row in rows], pa.uuid()), **columns})


def compared(
    current: RuleSet,
    change: Callable[[dict[str, Any]], object],
    answer: pa.Table,
    *,
    outcomes: Mapping[UUID, bool] | None = None,
    room: int | None = None,
) -> Comparison:
    """The comparison over an answer."""
    proposed = read(changed(change), current).rules
    first, second = (judge(each, answer, subject="who", little=Fraction(1, 2)) for each in (current, proposed))
    return compare(current, proposed, (first, second), answer=answer, outcomes=outcomes or {}, room=room, limits=LIMITS)


BUSY = {"need": True, "late": 3}
LATE = {"need": True, "late": 5}


def test_who_enters_and_leaves_is_counted(current: RuleSet) -> None:
    """With a stricter threshold those below it leave; with a laxer one they enter. Nobody is named."""
    answer = people((12, BUSY), (9, LATE), (30, {}))
    strict = compared(current, set_factor("XX02", hit="late >= 5"), answer)
    assert (strict.listed, strict.enter, strict.leave, strict.rare) == (21, 0, 12, ())
    lax = compared(current, set_factor("XX02", hit="late >= 3 OR (need AND late >= 0)"), answer)
    assert (lax.listed, lax.enter, lax.leave) == (21, 0, 0)


def test_few_are_never_counted(current: RuleSet) -> None:
    """Neither few who leave, nor few who would stay, nor few who are listed at all."""
    few_leave = compared(current, set_factor("XX02", hit="late >= 5"), people((3, BUSY), (9, LATE), (30, {})))
    assert (few_leave.listed, few_leave.leave) == (12, None)
    few_stay = compared(current, set_factor("XX02", hit="late >= 5"), people((9, BUSY), (3, LATE), (30, {})))
    assert (few_stay.listed, few_stay.leave) == (12, None)
    few = compared(current, set_factor("XX02", hit="late >= 5"), people((3, BUSY), (30, {})))
    assert (few.listed, few.leave) == (None, None)


def test_a_condition_that_few_meet_may_be_a_record_of_them(current: RuleSet) -> None:
    """A finding for new and changed conditions, in either direction; what was approved before is not looked at again."""
    answer = people((12, BUSY), (2, {"late": 17}), (30, {}))
    assert compared(current, set_factor("XX02", hit="late = 17"), answer).rare == ("XX02",)
    assert compared(current, set_factor("XX02", hit="late <> 17"), answer).rare == ("XX02",)
    assert compared(current, set_factor("XX01", weight=2), people((2, BUSY), (30, {}))).rare == ()


def test_a_reason_that_is_none_by_itself_is_found_in_whatever_words(current: RuleSet) -> None:
    """Mixed with a condition that never holds, or always does, an item that must be no reason still decides alone."""
    answer = people((12, {**BUSY, "poor": True}), (12, {"poor": True, "late": 1}), (30, {}), (8, LATE))
    for disguise in ("poor OR late > 9000", "poor AND late >= 0"):
        assert compared(current, set_factor("XX02", hit=disguise), answer).alone == ("XX02",)
    assert compared(current, set_factor("XX02", hit="poor AND late >= 3"), answer).alone == ()
    assert compared(current, set_factor("XX02", hit="late >= 4"), answer).alone == ()


def test_of_what_use_both_would_have_been(current: RuleSet) -> None:
    """Shares of those within the capacity who were looked at; none where two shares would tell of the few between."""
    answer = people((20, BUSY), (20, LATE), (30, {}))
    outcomes = {UUID(int=n): n % 2 == 0 for n in range(1, 41)}
    same = compared(current, set_factor("XX01", weight=4), answer, outcomes=outcomes, room=40)
    assert (same.precision.value, same.precision_proposed.value, same.room_enter) == (Fraction(1, 2), Fraction(1, 2), 0)
    strict = compared(current, set_factor("XX02", hit="late >= 5"), answer, outcomes=outcomes, room=40)
    assert (strict.precision.of, strict.precision_proposed.of) == (40, 20)
    near = people((3, BUSY), (37, LATE), (30, {}))
    hidden = compared(current, set_factor("XX02", hit="late >= 5"), near, outcomes=outcomes, room=40)
    assert (hidden.precision.of, hidden.precision_proposed.of) == (40, None)
    nobody = compared(current, set_factor("XX02", hit="late >= 5"), answer, outcomes={}, room=None)
    assert (nobody.precision.of, nobody.room) == (None, None)
