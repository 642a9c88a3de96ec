"""I6: every deny cites the articles it rests on; every allow cites the articles it was granted under."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest

from governance.approvals import Step
from governance.errors import Denied, Fault
from governance.load_guideline import load_guideline
from query_broker.pipeline import run
from query_broker.record import CONTROL_NO_ANSWER, MAX_REASONS
from reference.akishima.demo_refusals import query_text
from sekisho.actions import Asker
from tests.architecture.sources import ROOT
from tests.city import APPROVAL, SIGNERS
from tests.invariants.watching import Watched

GUIDELINE = load_guideline(ROOT / "guideline_docs")
STEPS: tuple[Step, ...] = ("review", "consult", "decide")
STATISTIC = query_text("stat_by_grade")


def controls_of_the_rules() -> Mapping[str, str]:
    """Every control that a rule grants or refuses under → the file of the rule."""
    return {
        control: path.name
        for path in sorted((ROOT / "policies" / "rego" / "sekisho" / "controls").glob("*.rego"))
        if not path.name.endswith("_test.rego")
        for control in re.findall(r'(?:granted contains|"control":|control:) "?([a-z][a-z0-9-]+)"?', path.read_text())
    }


def test_every_control_is_bound_to_an_article() -> None:
    """Whatever the rules grant or refuse under, and whatever is required, is carried by one rule of one article, which
    says that Rego enforces it and has sentences and remedies in both languages; and the other way round.
    """
    required = {control for controls in GUIDELINE.tables["requirements"].values() for control in controls}
    in_rego = controls_of_the_rules().keys()
    by_rego = {
        control
        for article in GUIDELINE.articles
        for rule in article.rules
        if rule.enforced_by == "rego"
        for control in rule.controls
    }
    assert len(in_rego) > 25
    assert in_rego == required == by_rego
    for control in (*required, CONTROL_NO_ANSWER):
        article, rule = GUIDELINE.binding(control)
        assert article.number > 0
        assert rule.id.strip()
        for lang in ("ja", "en"):
            assert rule.controls[control].text[lang].strip()
            assert rule.controls[control].remedy[lang].strip()


def test_a_deny_cannot_be_made_without_an_article() -> None:
    """A refusal without a ground is a fault of ours and not a refusal."""
    with pytest.raises(Fault):
        Denied(())


def check_refusal(watched: Watched, denied: Denied) -> None:
    """A refusal tells its articles in both languages, and the ledger has the same, the same reasons and no scan."""
    entry = watched.broker.ledger.entry(int(denied.decision_id or -1)).document
    assert (entry["kind"], entry["allow"], entry["scans"]) == ("decision", False, {})
    assert denied.citations
    assert [c.control for c in denied.citations] == [reason["control"] for reason in entry["deny"]]
    assert entry["articles"] == sorted({citation.article for citation in denied.citations})
    assert denied.params["articles"] == ", ".join(map(str, entry["articles"]))
    for citation in denied.citations:
        article, rule = GUIDELINE.binding(citation.control)
        assert (citation.article, citation.rule) == (article.number, rule.id)
        for lang in ("ja", "en"):
            assert citation.text[lang].strip()
            assert citation.remedy[lang].strip()
            assert "{" not in citation.text[lang] + citation.remedy[lang]
    # Whatever is withheld has its reason, and nothing else has.
    assert {c.control for c in denied.citations} == set(entry["required"]) - set(entry["granted_under"])


def check_answer(watched: Watched, ask: Callable[[], Any]) -> bool:
    """A question is released or refused, and cites its articles either way; whether it was released."""
    try:
        release = ask()
    except Denied as denied:
        check_refusal(watched, denied)
        return False
    entry = watched.broker.ledger.entry(release.decision_index).document
    assert entry["allow"] is True
    assert release.controls == tuple(entry["granted_under"]) == tuple(entry["required"])
    assert list(release.articles) == entry["articles"] == list(GUIDELINE.articles_of(release.controls))
    assert len(release.articles) > 10
    return True


@pytest.mark.parametrize("name", ["with_name", "with_my_number", "adult_row", "not_on_list", "stat_by_grade"])
@pytest.mark.parametrize("purpose", ["young_carer", "stat"])
def test_every_query_of_the_reference_is_answered_with_its_articles(watched: Watched, name: str, purpose: str) -> None:
    """Asked ad hoc for either purpose, only the statistic for statistics is released; all cite."""
    released = check_answer(watched, lambda: watched.ask(purpose=purpose, sql=query_text(name)))
    assert released == ((name, purpose) == ("stat_by_grade", "stat"))


def _hats(roles: tuple[str, ...]) -> Iterator[str | None]:
    """The hats that an account may wear, none where it has several, and one that it has not."""
    yield from roles
    yield None
    yield "controller" if "controller" not in roles else "cpo"


def test_everybody_who_asks_for_anything_is_told_the_articles(watched: Watched) -> None:
    """Every kind of account with every hat, one that there is not, and nobody; for each purpose and for none; under the
    approval and without: released or refused, with articles.
    """
    answers = []
    # One account of each kind: the second of two vendors is refused like the first.
    accounts = {account.roles: name for name, account in reversed([*watched.deployment.principals.items()])}
    for roles, principal in {**accounts, (): "nobody"}.items():
        for hat in _hats(roles):
            for purpose in ("young_carer", "stat", None):
                asked: tuple[dict[str, Any], ...] = ({"approval": APPROVAL}, {"sql": STATISTIC})
                for what in asked:
                    request = {"hat": hat, "purpose": purpose, **what}
                    released = check_answer(watched, lambda p=principal, r=request: watched.ask(p, **r))  # type: ignore[misc]
                    answers.append((released, principal, hat, purpose, "sql" in what))
    assert len(answers) > 150
    assert {answer[1:] for answer in answers if answer[0]} == {
        ("center", "controller", "young_carer", False),
        ("center", "controller", "stat", True),
        ("center", "user", "stat", True),
    }


def test_every_state_of_an_approval_is_told_its_articles(watched: Watched) -> None:
    """Not yet granted, rejected, revoked, expired, of another text or guideline, without its signatures: all cite
    article 19, on approvals, and none but 10, on items that need one.
    """
    question = watched.prepared()
    approval = question.approval
    assert approval is not None
    for change in (
        {"state": "requested"},
        {"state": "rejected"},
        {"state": "revoked"},
        {"expires_at": "2023-09-30"},
        {"sql_digest": "0" * 64},
        {"guideline_version": "2022.1+0123456789ab"},
        {"approver": None},
        {"reviewers": ()},
        {"reviewers": approval.reviewers[:2]},
    ):
        changed = replace(watched.prepared(), approval=replace(approval, **change))
        with pytest.raises(Denied) as caught:
            run(changed, watched.parts)
        check_refusal(watched, caught.value)
        assert {citation.article for citation in caught.value.citations} - {10} == {19}


def test_every_refused_act_on_an_approval_cites(watched: Watched) -> None:
    """Whoever may not sign, reject, revoke or read an approval, or asks for nothing that can be signed, is told why."""
    approvals = watched.broker.approvals

    def asker(name: str, hat: str | None) -> Asker:
        return watched.broker.asker(watched.deployment.token(name), hat=hat)

    acts: list[Callable[[], object]] = []
    for name, account in watched.deployment.principals.items():
        for hat in account.roles:
            who = asker(name, hat)
            acts += [
                lambda who=who, step=step: approvals.sign(who, approval=APPROVAL, step=step)  # type: ignore[misc]
                for step in STEPS
                # Who has signed a step already is told so, and asks nothing.
                if (name, hat, step) not in SIGNERS or step == "decide"
            ]
            acts.append(lambda who=who: approvals.reject(who, approval=APPROVAL, reason="見直しのため"))  # type: ignore[misc]
            if account.roles[0] in ("controller", "auditor", "reviewer", "analyst"):
                acts.append(lambda who=who: approvals.revoke(who, approval=APPROVAL, reason="見直しのため"))  # type: ignore[misc]
    acts += [lambda: approvals.list(asker("vendor-a", "analyst")), lambda: approvals.list(asker("nobody", None))]
    acts.append(lambda: approvals.request(asker("auditor", "auditor"), template="yc-household-care"))
    for act in acts:
        with pytest.raises(Denied) as caught:
            act()
        check_refusal(watched, caught.value)
    assert len(acts) > 70


def test_a_deny_with_more_reasons_than_an_entry_holds_is_still_a_deny_with_all_its_articles(watched: Watched) -> None:
    """The same forbidden columns over and over: the person is told every reason, the entry names each control."""
    columns = [
        "name_kanji",
        "name_kana",
        "address",
        "guardian_name",
        "student_no",
        "birth_date",
        "sex",
        "school_code",
        "school_name",
        "grade",
        "class",
        "out_of_area",
        "enrol_status",
        "sn_class",
        "transfers",
        "remarks",
    ]
    joins = " ".join(f"JOIN kyoiku.gakurei g{n} ON g{n}.resident_id = c.resident_id" for n in range(18))
    read = " AND ".join(f"g{n}.{column} IS NULL" for n in range(18) for column in columns)
    with pytest.raises(Denied) as caught:
        watched.ask(sql=f"SELECT c.resident_id FROM shimin.child c {joins} WHERE {read}")
    entry = watched.broker.ledger.entry(int(caught.value.decision_id or -1)).document
    told = {citation.control for citation in caught.value.citations}
    assert len(caught.value.citations) > MAX_REASONS == len(entry["deny"])
    assert {reason["control"] for reason in entry["deny"]} == told
    assert entry["articles"] == sorted({citation.article for citation in caught.value.citations})
