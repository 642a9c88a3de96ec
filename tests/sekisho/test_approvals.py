"""Approvals: drafted by one, granted by others, one policy question and one ledger event a change."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import date, datetime
from functools import partial
from pathlib import Path

import pytest

from governance.approvals import Paper
from governance.dates import end_of_fiscal_year, fiscal_year
from governance.errors import BadInput, Denied, Unavailable
from sekisho.approval_sheet import remarks_of
from sekisho.broker import Broker
from sekisho.deployment import Deployment
from sekisho.reconcile import reconcile
from tests.city import APPROVAL, SIGNERS, TEMPLATE, ask, asker, draft, grant, sign

Opened = tuple[Deployment, Broker]


@pytest.fixture
def opened(new_city: Path) -> Iterator[Opened]:
    deployment = Deployment.load(new_city)
    with deployment.broker() as broker:
        yield deployment, broker


def controls(attempt: Callable[[], object]) -> set[str]:
    with pytest.raises(Denied) as caught:
        attempt()
    return {citation.control for citation in caught.value.citations}


def newest(broker: Broker, count: int) -> list[dict[str, object]]:
    size = broker.ledger.size
    return [dict(entry.document) for entry in broker.ledger.entries(size - count, size)]


def test_a_template_is_granted_by_everybody_on_its_route(opened: Opened) -> None:
    """Drafted, reviewed, consulted with every holder and decided, an approval is granted until the year's end."""
    deployment, broker = opened
    drafted = draft(deployment, broker)
    assert (drafted.id, drafted.state, drafted.expires_at) == (APPROVAL, "requested", "2024-03-31")
    granted = sign(deployment, broker, drafted.id)
    assert granted.state == "granted"
    assert [s.id for s in granted.reviewers] == [name for name, _, step in SIGNERS if step != "decide"]
    assert granted.approver is not None
    assert granted.approver.id == "cpo"


def test_every_change_is_a_decision_and_an_event_in_the_ledger(opened: Opened) -> None:
    """Each change leaves its decision and, after it, an entry with the new state that names the decision."""
    deployment, broker = opened
    before = broker.ledger.size
    drafted = draft(deployment, broker)
    decision, event = newest(broker, 2)
    assert broker.ledger.size == before + 2
    assert (decision["kind"], decision["action"], decision["allow"]) == ("decision", "approval.request", True)
    assert event["kind"] == "approval"
    assert event["decision"] == before
    assert (event["approval"], event["state"], event["step"]) == (APPROVAL, "requested", None)
    sign(deployment, broker, drafted.id, upto=1)
    decision, event = newest(broker, 2)
    assert (decision["action"], event["state"], event["step"]) == ("approval.sign", "requested", "review")
    changes = broker.approvals.store.changes(drafted.id)
    assert [change.ledger_index for change in changes] == [before + 1, before + 3]


@pytest.mark.parametrize("step", ["review", "consult", "decide"])
def test_nobody_signs_what_they_have_drafted(opened: Opened, step: str) -> None:
    """The drafter's own signature is refused at every step, recorded as a refusal, and changes nothing."""
    deployment, broker = opened
    drafted = draft(deployment, broker)
    own = asker(deployment, broker, "center", "controller")
    assert "separation-of-duties" in controls(
        lambda: broker.approvals.sign(own, approval=drafted.id, step=step)  # type: ignore[arg-type]
    )
    (decision,) = newest(broker, 1)
    assert (decision["allow"], decision["approval"]) == (False, APPROVAL)
    assert broker.approvals.store.get(drafted.id).approval == drafted


def test_the_decision_comes_after_all_others(opened: Opened) -> None:
    """While a holder's consent is missing, the decision is refused and names whose."""
    deployment, broker = opened
    drafted = draft(deployment, broker)
    sign(deployment, broker, drafted.id, upto=4)
    cpo = asker(deployment, broker, "cpo", "cpo")
    with pytest.raises(Denied) as caught:
        broker.approvals.sign(cpo, approval=drafted.id, step="decide")
    assert "consult:school" in " ".join(c.text["en"] + c.text["ja"] for c in caught.value.citations)


def test_the_head_of_the_centre_does_not_decide_on_items_that_need_care(opened: Opened) -> None:
    """A template with sensitive items is decided by the chief privacy officer, not by the centre's head."""
    deployment, broker = opened
    drafted = draft(deployment, broker)
    sign(deployment, broker, drafted.id, upto=5)
    head = asker(deployment, broker, "center-head", "center_head")
    assert "approval-route" in controls(lambda: broker.approvals.sign(head, approval=drafted.id, step="decide"))


def test_the_same_signature_is_given_once(opened: Opened) -> None:
    """Signing the same step twice is told apart from signing it."""
    deployment, broker = opened
    drafted = draft(deployment, broker)
    sign(deployment, broker, drafted.id, upto=1)
    with pytest.raises(BadInput) as caught:
        sign(deployment, broker, drafted.id, upto=1)
    assert caught.value.code == "approval-signed-already"
    assert len(broker.approvals.store.get(drafted.id).approval.reviewers) == 1


def test_a_rejected_draft_is_not_signed_any_more(opened: Opened) -> None:
    """After it was sent back, an approval takes no signature."""
    deployment, broker = opened
    drafted = draft(deployment, broker)
    reviewer = asker(deployment, broker, "privacy", "reviewer")
    assert broker.approvals.reject(reviewer, approval=drafted.id, reason="見直しのため").state == "rejected"
    assert "approval-current" in controls(lambda: broker.approvals.sign(reviewer, approval=drafted.id, step="review"))


def test_a_revoked_approval_runs_nothing(city_with_approval: Path) -> None:
    """A holder's steward takes the approval back, and the query that ran under it is refused."""
    deployment = Deployment.load(city_with_approval)
    with deployment.broker() as broker:
        assert ask(broker, deployment).rows > 0
        steward = asker(deployment, broker, "steward-kaigo", "data_steward")
        assert broker.approvals.revoke(steward, approval=APPROVAL, reason="見直しのため").state == "revoked"
        assert "approval-current" in controls(lambda: ask(broker, deployment))


def test_an_approval_ends_on_its_last_day(new_city: Path) -> None:
    """An approval counts through its last day and is refused on the next one."""
    grant(new_city, until=date(2023, 10, 1))
    for now, refused in (("2023-10-01T23:59:59+09:00", False), ("2023-10-02T00:00:00+09:00", True)):
        deployment = Deployment.load(new_city, now=datetime.fromisoformat(now))
        token = deployment.issuer.issue(deployment.principals["center"], now=deployment.clock())
        deployment.layout.token("center").write_text(token)
        with deployment.broker() as broker:
            if refused:
                assert controls(lambda: ask(broker, deployment)) == {"approval-current"}  # noqa: B023
            else:
                assert ask(broker, deployment).rows > 0


def test_a_changed_template_voids_its_approval(city_with_approval: Path) -> None:
    """One word more in the template's text, and the approval of the old text does not count."""
    path = city_with_approval / "templates" / f"{TEMPLATE}.sql"
    path.write_text(path.read_text(encoding="utf-8") + "WHERE c.grade <= 6\n", encoding="utf-8")
    deployment = Deployment.load(city_with_approval)
    with deployment.broker() as broker:
        assert controls(lambda: ask(broker, deployment)) == {"approval-unchanged"}


def test_a_changed_view_of_a_holder_voids_approvals(city_with_approval: Path) -> None:
    """What a derived dataset computes is part of what was approved."""
    path = city_with_approval / "catalogue" / "derived" / "kaigo.cert.sql"
    path.write_text(path.read_text(encoding="utf-8") + "\n-- another view\n", encoding="utf-8")
    deployment = Deployment.load(city_with_approval)
    with deployment.broker() as broker:
        assert controls(lambda: ask(broker, deployment)) == {"approval-unchanged"}


def test_a_changed_guideline_voids_approvals(city_with_approval: Path) -> None:
    """An approval is bound to the guideline under which it was granted."""
    path = city_with_approval / "guideline" / "tables" / "parameters.yaml"
    text = path.read_text(encoding="utf-8")
    assert "k_internal: 5" in text
    path.write_text(text.replace("k_internal: 5", "k_internal: 6"), encoding="utf-8")
    deployment = Deployment.load(city_with_approval)
    with deployment.broker() as broker:
        assert "approval-current" in controls(lambda: ask(broker, deployment))


def test_nothing_changes_while_the_ledger_does_not_answer(opened: Opened) -> None:
    """With a ledger that takes no entry, an approval is neither drafted nor signed."""
    deployment, broker = opened
    drafted = draft(deployment, broker)
    reviewer = asker(deployment, broker, "privacy", "reviewer")
    broker.ledger.close()
    with pytest.raises(Unavailable):
        broker.approvals.sign(reviewer, approval=drafted.id, step="review")
    with pytest.raises(Unavailable):
        draft(deployment, broker)
    assert [stored.approval for stored in broker.approvals.store.all()] == [drafted]


def test_no_approval_lasts_beyond_the_fiscal_year(opened: Opened) -> None:
    """A later last day is cut to 31 March; one that has passed is refused."""
    deployment, broker = opened
    assert draft(deployment, broker, until=date(2030, 1, 1)).expires_at == "2024-03-31"
    assert draft(deployment, broker, until=date(2023, 10, 1)).expires_at == "2023-10-01"
    with pytest.raises(BadInput) as caught:
        draft(deployment, broker, until=date(2023, 9, 30))
    assert caught.value.code == "approval-until-past"


@pytest.mark.parametrize(
    ("day", "year"),
    [(date(2024, 3, 31), 2023), (date(2024, 4, 1), 2024), (date(2023, 12, 31), 2023), (date(2024, 1, 1), 2023)],
)
def test_the_fiscal_year_begins_in_april(day: date, year: int) -> None:
    """January to March belong to the fiscal year that began the April before."""
    assert fiscal_year(day) == year
    assert fiscal_year(end_of_fiscal_year(day)) == year
    assert end_of_fiscal_year(day) == date(year + 1, 3, 31)


def test_what_is_not_there_is_bad_input(opened: Opened) -> None:
    """An unknown template or number is said to be unknown without being repeated."""
    deployment, broker = opened
    with pytest.raises(BadInput) as caught:
        draft(deployment, broker, template="山田")
    assert caught.value.code == "template-unknown"
    assert "山田" not in str(caught.value)
    with pytest.raises(BadInput) as caught:
        sign(deployment, broker, "AP-2023-0099")
    assert caught.value.code == "approval-unknown"


def test_approvals_are_read_by_those_who_may(opened: Opened) -> None:
    """Listing and showing ask the policy, too: a vendor and an unverified person see nothing."""
    deployment, broker = opened
    drafted = draft(deployment, broker)
    reviewer = asker(deployment, broker, "privacy", "reviewer")
    assert broker.approvals.list(reviewer) == (drafted,)
    shown, changes = broker.approvals.show(reviewer, approval=drafted.id)
    assert (shown, [change.event for change in changes]) == (drafted, ["requested"])
    vendor = asker(deployment, broker, "vendor-a", "analyst")
    assert controls(lambda: broker.approvals.list(vendor)) == {"action-matrix"}
    assert "identity-verified" in controls(
        lambda: broker.approvals.show(broker.asker(None, hat=None), approval=drafted.id)
    )


def test_the_store_alone_cannot_grant(city_with_approval: Path) -> None:
    """A signature written into the store by hand is no way round the policy: the requester as reviewer is refused."""
    path = city_with_approval / "store.sqlite"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE approval SET document = replace(document, '\"cpo\"', '\"center\"')")
    deployment = Deployment.load(city_with_approval)
    with deployment.broker() as broker:
        assert controls(lambda: ask(broker, deployment)) & {"approval-route", "separation-of-duties"}


def test_the_drafter_alone_withdraws(opened: Opened) -> None:
    """取下げ: another drafter is refused by the own-request control; the drafter withdraws, with the reason, once."""
    deployment, broker = opened
    drafted = draft(deployment, broker)
    colleague = asker(deployment, broker, "center2", "controller")
    drafter = asker(deployment, broker, "center", "controller")
    reason = "対象の項目を見直すため"
    attempt = partial(broker.approvals.withdraw, approval=drafted.id, reason=reason)
    assert controls(lambda: attempt(colleague)) == {"own-request"}
    assert broker.approvals.store.get(drafted.id).approval.state == "requested"
    withdrawn = attempt(drafter)
    assert (withdrawn.state, withdrawn.ending) == ("withdrawn", reason)
    decision, change = newest(broker, 2)
    assert (decision["action"], decision["allow"]) == ("approval.withdraw", True)
    assert (change["kind"], change["state"], change["principal"]) == ("approval", "withdrawn", "center")
    assert reason not in str(change) + str(decision)
    assert controls(lambda: attempt(drafter)) == {"approval-current"}
    reviewer = asker(deployment, broker, "privacy", "reviewer")
    refused = controls(lambda: broker.approvals.sign(reviewer, approval=drafted.id, step="review"))
    assert refused == {"approval-current"}
    assert reconcile(broker.approvals.store, broker.ledger) == ()


def test_what_is_decided_is_not_withdrawn(opened: Opened) -> None:
    """After the decision the drafter cannot withdraw; the approval stays granted."""
    deployment, broker = opened
    number = sign(deployment, broker, draft(deployment, broker).id).id
    drafter = asker(deployment, broker, "center", "controller")
    assert controls(lambda: broker.approvals.withdraw(drafter, approval=number, reason="不要になったため")) == {
        "approval-current"
    }
    assert broker.approvals.store.get(number).approval.state == "granted"


@pytest.mark.parametrize("end", ["reject", "withdraw"])
def test_nothing_ends_without_a_reason(opened: Opened, end: str) -> None:
    """A blank reason is bad input, and nothing changes."""
    deployment, broker = opened
    drafted = draft(deployment, broker)
    with pytest.raises(BadInput) as caught:
        getattr(broker.approvals, end)(
            asker(deployment, broker, "center", "controller"), approval=drafted.id, reason=" "
        )
    assert caught.value.code == "approval-text-unfit"
    assert broker.approvals.store.get(drafted.id).approval == drafted


def test_what_is_sent_back_is_changed_and_takes_the_whole_route_again(opened: Opened) -> None:
    """差戻し: the comment stays, marks become void, the drafter changes the paper and hands it in, all sign anew."""
    deployment, broker = opened
    approvals = broker.approvals
    number = draft(deployment, broker).id
    sign(deployment, broker, number, upto=3)
    steward = asker(deployment, broker, "steward-school", "data_steward")
    returned = approvals.send_back(steward, approval=number, reason="欠席の集計の期間を示してください")
    assert (returned.state, returned.reviewers, len(returned.voided)) == ("returned", (), 3)
    assert approvals.progress(returned, today=deployment.clock().date()).stage == "returned"
    reviewer = asker(deployment, broker, "privacy", "reviewer")
    for attempt in (
        partial(approvals.sign, reviewer, approval=number, step="review"),
        partial(approvals.send_back, steward, approval=number, reason="もう一度"),
        partial(approvals.reject, reviewer, approval=number, reason="もう一度"),
    ):
        assert controls(attempt) & {"approval-current"}
    colleague = asker(deployment, broker, "center2", "controller")
    assert controls(partial(approvals.resubmit, colleague, approval=number)) == {"own-request"}
    drafter = asker(deployment, broker, "center", "controller")
    again = approvals.resubmit(
        drafter, approval=number, until=date(2023, 12, 31), paper=Paper(reason="一学期の欠席を見るため")
    )
    assert (again.state, again.expires_at, again.paper.reason) == ("requested", "2023-12-31", "一学期の欠席を見るため")
    decider = asker(deployment, broker, "cpo", "cpo")
    assert "approval-route" in controls(partial(approvals.sign, decider, approval=number, step="decide"))
    granted = sign(deployment, broker, number)
    assert (granted.state, len(granted.reviewers), len(granted.voided)) == ("granted", 5, 3)
    _, changes = approvals.show(reviewer, approval=number)
    told = [(change.event, remark) for change, remark in remarks_of(granted, changes)]
    assert [event for event, _ in told[:6]] == ["requested", "review", "consult", "consult", "returned", "resubmitted"]
    assert told[4][1] == "欠席の集計の期間を示してください"
    assert {remark for _, remark in (*told[:4], *told[5:])} == {""}
    kept = broker.ledger.entry(changes[4].ledger_index)
    assert (kept.document["state"], kept.document["principal"]) == ("returned", "steward-school")
    assert "欠席" not in str(kept.document)


def test_the_drafter_takes_a_request_back_while_it_is_under_review(opened: Opened) -> None:
    """引戻し: by the drafter alone and before the decision; it can be handed in again, or given up."""
    deployment, broker = opened
    approvals = broker.approvals
    number = draft(deployment, broker).id
    sign(deployment, broker, number, upto=2)
    attempt = partial(approvals.recall, approval=number, reason="対象を直すため")
    assert controls(lambda: attempt(asker(deployment, broker, "center2", "controller"))) == {"own-request"}
    assert controls(lambda: attempt(asker(deployment, broker, "privacy", "reviewer"))) == {
        "action-matrix",
        "own-request",
    }
    drafter = asker(deployment, broker, "center", "controller")
    recalled = attempt(drafter)
    assert (recalled.state, recalled.reviewers, len(recalled.voided)) == ("recalled", (), 2)
    assert approvals.resubmit(drafter, approval=number).state == "requested"
    assert attempt(drafter).state == "recalled"
    given_up = approvals.withdraw(drafter, approval=number, reason="使わないこととしたため")
    assert (given_up.state, [r.event for r in given_up.remarks]) == ("withdrawn", ["recalled", "recalled", "withdrawn"])
    assert controls(partial(approvals.resubmit, drafter, approval=number)) == {"approval-current"}


def test_what_is_granted_is_neither_taken_nor_sent_back(city_with_approval: Path) -> None:
    """After the decision only revoking is left."""
    deployment = Deployment.load(city_with_approval)
    with deployment.broker() as broker:
        drafter = asker(deployment, broker, "center", "controller")
        steward = asker(deployment, broker, "steward-kaigo", "data_steward")
        for attempt in (
            partial(broker.approvals.recall, drafter, approval=APPROVAL, reason="直すため"),
            partial(broker.approvals.resubmit, drafter, approval=APPROVAL),
            partial(broker.approvals.send_back, steward, approval=APPROVAL, reason="直すため"),
        ):
            assert controls(attempt) == {"approval-current"}
        assert broker.approvals.store.get(APPROVAL).approval.state == "granted"


def test_only_those_with_a_step_send_back_or_reject(opened: Opened) -> None:
    """A steward whose data are not in the template, and who decides on other templates, have no say in this one."""
    deployment, broker = opened
    number = draft(deployment, broker).id
    for name, hat in (("steward-kenko", "data_steward"), ("center-head", "center_head")):
        for leave in (broker.approvals.send_back, broker.approvals.reject):
            attempt = partial(leave, asker(deployment, broker, name, hat), approval=number, reason="見直しのため")
            assert controls(attempt) == {"on-the-route"}


def test_what_is_handed_in_again_is_the_template_as_it_is_now(new_city: Path) -> None:
    """A template that was changed while the request was with its drafter is what the new signatures are for."""
    deployment = Deployment.load(new_city)
    with deployment.broker() as broker:
        before = draft(deployment, broker)
        broker.approvals.recall(
            asker(deployment, broker, "center", "controller"), approval=before.id, reason="学年を絞るため"
        )
    path = new_city / "templates" / f"{TEMPLATE}.sql"
    path.write_text(path.read_text(encoding="utf-8") + "WHERE c.grade <= 6\n", encoding="utf-8")
    deployment = Deployment.load(new_city)
    with deployment.broker() as broker:
        again = broker.approvals.resubmit(asker(deployment, broker, "center", "controller"), approval=before.id)
        assert again.sql_digest != before.sql_digest
        sign(deployment, broker, before.id)
        assert ask(broker, deployment).rows > 0
