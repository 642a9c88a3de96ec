"""A query ahead of its decision, on a basis that is approved afterwards: open for all to see, and decided in time (第33条)."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from governance.errors import BadInput, Denied, Unavailable
from sekisho import cli
from sekisho.broker import Broker
from sekisho.deployment import Deployment
from tests.city import approve, ask, asker, stewards_of

TEMPLATE = "cr-notified-child"
PURPOSE = "case_response"
TOLD = {"born": date(2012, 5, 1), "town": "101"}
Opened = tuple[Deployment, Broker]
LATE = "approved-afterwards"


@pytest.fixture(scope="module")
def used_city(pristine_city: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A city in which, on Sunday 1 October, a request was drafted and used before anybody decided it."""
    folder = Path(shutil.copytree(pristine_city, tmp_path_factory.mktemp("used") / "city"))
    deployment = Deployment.load(folder)
    with deployment.broker() as broker:
        number = drafted(deployment, broker)
        look_up(deployment, broker, number)
    return folder, number


@pytest.fixture
def used(used_city: tuple[Path, str], tmp_path: Path) -> tuple[Path, str]:
    """A copy of it, and the request's number."""
    folder, number = used_city
    return Path(shutil.copytree(folder, tmp_path / "city")), number


@pytest.fixture
def opened(new_city: Path) -> Iterator[Opened]:
    deployment = Deployment.load(new_city)
    with deployment.broker() as broker:
        yield deployment, broker


def drafted(deployment: Deployment, broker: Broker, basis: str = "emergency", template: str = TEMPLATE) -> str:
    """A request on a basis; its number."""
    return broker.approvals.request(
        asker(deployment, broker, "center", "controller"), template=template, basis=basis
    ).id


def look_up(deployment: Deployment, broker: Broker, number: str, principal: str = "center", **how: Any) -> Any:
    """Asked with what was told."""
    return ask(broker, deployment, principal, purpose=PURPOSE, approval=number, parameters=TOLD, **how)


def controls(caught: pytest.ExceptionInfo[Denied]) -> set[str]:
    return {citation.control for citation in caught.value.citations}


def refused(attempt: Callable[[], object]) -> set[str]:
    """What refuses it; nothing, where it is answered. The city's sources age as days go by, and refuse too."""
    try:
        attempt()
    except Denied as denied:
        return {citation.control for citation in denied.citations}
    return set()


def at(folder: Path, time: str) -> Deployment:
    """The same city at another moment, with tokens of that moment."""
    deployment = Deployment.load(folder, now=datetime.fromisoformat(f"{time}+09:00"))
    for name in ("center", "center2"):
        token = deployment.issuer.issue(deployment.principals[name], now=deployment.clock())
        deployment.layout.token(name).write_text(token, encoding="utf-8")
    return deployment


def decided(deployment: Deployment, broker: Broker, number: str) -> None:
    """Reviewed, consented to and granted by those of the route."""
    signers = [("privacy", "reviewer", "review"), ("cpo", "cpo", "decide")]
    signers[1:1] = [(steward, "data_steward", "consult") for steward in stewards_of(deployment, TEMPLATE)]
    for name, hat, step in signers:
        broker.approvals.sign(asker(deployment, broker, name, hat), approval=number, step=step)  # type: ignore[arg-type]


def test_who_drafted_it_may_ask_at_once(opened: Opened) -> None:
    """The answer, its entries and the approval carry the basis; the approval is for a few days."""
    deployment, broker = opened
    number = drafted(deployment, broker)
    release = look_up(deployment, broker, number)
    assert release.basis == "emergency"
    entries = [broker.ledger.entry(index).document for index in (release.decision_index, release.ledger_index)]
    assert [entry["basis"] for entry in entries] == ["emergency", "emergency"]
    approval = broker.approvals.store.get(number).approval
    assert (approval.state, approval.basis, approval.expires_at) == ("requested", "emergency", "2023-10-07")
    assert [(use.approval, use.requester, use.since) for use in broker.ahead.open()] == [
        (number, "center", "2023-10-01")
    ]


def test_nobody_else_may(opened: Opened) -> None:
    """A colleague, or the drafter on a basis that waits for the decision, is refused."""
    deployment, broker = opened
    with pytest.raises(Denied) as caught:
        look_up(deployment, broker, drafted(deployment, broker), "center2")
    assert {"approval-route", "approval-current"} <= controls(caught)
    with pytest.raises(Denied) as caught:
        look_up(deployment, broker, drafted(deployment, broker, "case_response"))
    assert {"approval-route", "approval-current"} <= controls(caught)
    with pytest.raises(Denied) as caught:
        look_up(deployment, broker, drafted(deployment, broker, "case_response"), basis="emergency")
    assert "approval-unchanged" in controls(caught)
    assert broker.ahead.open() == ()


def test_a_screening_purpose_has_no_emergencies(opened: Opened) -> None:
    """Which bases a purpose admits, its register says."""
    deployment, broker = opened
    with pytest.raises(Denied) as caught:
        drafted(deployment, broker, template="yc-household-care")
    assert controls(caught) == {"legal-basis"}


def test_a_kind_that_is_none_is_told_apart(opened: Opened) -> None:
    """A mistyped basis says which there are, and decides nothing."""
    deployment, broker = opened
    before = broker.ledger.size
    with pytest.raises(BadInput) as caught:
        drafted(deployment, broker, "emergncy")
    assert caught.value.code == "basis-unknown"
    assert "emergency" in caught.value.remedy("ja")
    assert "69-2-2" in caught.value.remedy("en")
    with pytest.raises(BadInput):
        ask(broker, deployment, purpose=PURPOSE, sql="SELECT 1", basis="61-1")
    assert broker.ledger.size == before


def test_after_a_working_day_the_drafter_asks_nothing_more(used: tuple[Path, str]) -> None:
    """Used on Sunday: Monday is in time, Tuesday is late, for every purpose; others go on."""
    folder, number = used
    monday = at(folder, "2023-10-02T17:00:00")
    with monday.broker() as broker:
        regular = approve(monday, broker, "yc-household-care")
        look_up(monday, broker, number)
        ask(broker, monday, approval=regular)
    tuesday = at(folder, "2023-10-03T09:00:00")
    with tuesday.broker() as broker:
        assert LATE in refused(lambda: look_up(tuesday, broker, number))
        assert LATE in refused(lambda: ask(broker, tuesday, approval=regular))
        assert LATE not in refused(lambda: ask(broker, tuesday, "center2", approval=regular))


def test_the_decision_settles_it_however_late(used: tuple[Path, str]) -> None:
    """Granted or refused for good, it is open no more, and the drafter asks again."""
    folder, number = used
    deployment = at(folder, "2023-10-05T10:00:00")
    with deployment.broker() as broker:
        assert LATE in refused(lambda: look_up(deployment, broker, number))
        decided(deployment, broker, number)
        assert broker.ahead.open() == ()
        assert LATE not in refused(lambda: look_up(deployment, broker, number))


def test_what_was_used_is_not_withdrawn_and_may_be_refused(used: tuple[Path, str]) -> None:
    """The drafter cannot make it go away; whoever decides can say no."""
    folder, number = used
    deployment = at(folder, "2023-10-02T10:00:00")
    with deployment.broker() as broker:
        own = asker(deployment, broker, "center", "controller")
        with pytest.raises(Denied) as caught:
            broker.approvals.withdraw(own, approval=number, reason="不要となったため")
        assert controls(caught) == {"approved-afterwards"}
        broker.approvals.reject(asker(deployment, broker, "cpo", "cpo"), approval=number, reason="緊急と認められない")
        assert broker.ahead.open() == ()


def test_it_is_shown_to_those_who_have_to_see_to_it(used: tuple[Path, str], capsys: pytest.CaptureFixture[str]) -> None:
    """The lists of approvals and of the ledger mark it for the chief privacy officer and for the auditor."""
    folder, number = used
    shown = {}
    for who, *command in (("cpo", "approval", "list"), ("auditor", "ledger", "list", "--last", "20")):
        assert cli.run(["--deployment", str(folder), "--as", who, "--lang", "ja", *command]) == 0
        shown[who] = capsys.readouterr().out
    assert "決裁前に使用" in shown["cpo"].replace("\n", "")
    assert "事後の決裁待ち" in shown["auditor"].replace("\n", "")
    assert cli.run(["--deployment", str(folder), "--as", "cpo", "--format", "json", "approval", "show", number]) == 0
    assert '"used_ahead_since": "2023-10-01"' in capsys.readouterr().out


def test_where_a_part_is_down_the_procedure_on_paper_is_told(
    used: tuple[Path, str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exit 4 of this purpose comes with the telephone and the form that its register names; of another without."""

    def down(*_: object, **__: object) -> None:
        raise Unavailable("ledger-unavailable", file="ledger.sqlite")

    monkeypatch.setattr(Broker, "ask", down)
    folder, number = used
    asked = ["--deployment", str(folder), "--as", "center", "--hat", "controller", "--lang", "ja", "query", "run"]
    told = ["--approval", number, "--param", "born=2012-05-01", "--param", "town=101"]
    assert cli.run([*asked, "--purpose", PURPOSE, *told]) == 4
    said = capsys.readouterr().err.replace("\n", "")
    assert "電話で確かめ" in said
    assert "通告受付票" in said
    assert cli.run([*asked, "--purpose", "abuse", *told]) == 4
    assert "電話で確かめ" not in capsys.readouterr().err.replace("\n", "")
