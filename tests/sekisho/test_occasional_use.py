"""A use beyond the registered purposes: written, short, decided by the chief, and not the third time (第9条)."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from governance.approvals import Paper
from governance.errors import Denied
from sekisho import cli
from sekisho.broker import Broker
from sekisho.deployment import Deployment
from tests.city import ask, asker, stewards_of

TEMPLATE, PURPOSE, BASIS = "oc-disaster-check", "disaster_check", "69-2-2"
Opened = tuple[Deployment, Broker]
WRITTEN = Paper(
    reason="台風の被害を受けた地区で、大人の手の足りない家庭のこどもの様子を今週のうちに確かめるため。",
    no_harm="様子を見に行く家庭を選ぶためだけに使い、個人を特定せず、不利益な判断には使わないため。",
)


@pytest.fixture(scope="module")
def opened(pristine_city: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opened]:
    """One open city for refusals, which change nothing but the ledger."""
    folder = Path(shutil.copytree(pristine_city, tmp_path_factory.mktemp("refused") / "city"))
    deployment = Deployment.load(folder)
    with deployment.broker() as broker:
        yield deployment, broker


def drafted(deployment: Deployment, broker: Broker, **how: Any) -> str:
    """A request for the occasional use; its number."""
    wanted: dict[str, Any] = {"template": TEMPLATE, "basis": BASIS, "paper": WRITTEN, **how}
    return broker.approvals.request(asker(deployment, broker, "center", "controller"), **wanted).id


def signed(deployment: Deployment, broker: Broker, number: str, decider: tuple[str, str] = ("cpo", "cpo")) -> str:
    """Reviewed, consented to and decided; its number."""
    broker.approvals.sign(asker(deployment, broker, "privacy", "reviewer"), approval=number, step="review")
    for steward in stewards_of(deployment, TEMPLATE):
        broker.approvals.sign(asker(deployment, broker, steward, "data_steward"), approval=number, step="consult")
    broker.approvals.sign(asker(deployment, broker, *decider), approval=number, step="decide")
    return number


def use(deployment: Deployment, broker: Broker, number: str, **how: Any) -> Any:
    """Asked under an approval."""
    return ask(broker, deployment, purpose=PURPOSE, approval=number, **how)


def refused(attempt: Callable[[], object]) -> dict[str, str]:
    """The controls that refuse it and the remedy of each."""
    with pytest.raises(Denied) as caught:
        attempt()
    return {each.control: each.remedy["ja"] for each in caught.value.citations}


def days_later(folder: Path, days: int) -> Deployment:
    """The same city some days later, with a token of that day. The sources are as old as they are then."""
    start = Deployment.load(folder).clock()
    deployment = Deployment.load(folder, now=start + timedelta(days=days))
    token = deployment.issuer.issue(deployment.principals["center"], now=deployment.clock())
    deployment.layout.token("center").write_text(token, encoding="utf-8")
    return deployment


def controls_at(folder: Path, days: int, number: str) -> set[str]:
    """What refuses the use some days later; late sources are among it there and are no business of these tests."""
    deployment = days_later(folder, days)
    with deployment.broker() as broker:
        try:
            use(deployment, broker, number)
        except Denied as denied:
            return {each.control for each in denied.citations}
        return set()


def test_it_is_written_decided_by_the_chief_and_shown_as_what_it_is(new_city: Path) -> None:
    """Ninety days at most; the release, the ledger and the sheet say the basis; the sheet has the check of harm."""
    deployment = Deployment.load(new_city)
    with deployment.broker() as broker:
        number = drafted(deployment, broker)
        assert broker.approvals.store.get(number).approval.expires_at == "2023-12-29"
        assert "approval-route" in refused(lambda: signed(deployment, broker, number, ("center-head", "center_head")))
        broker.approvals.sign(asker(deployment, broker, "cpo", "cpo"), approval=number, step="decide")
        release = use(deployment, broker, number)
        assert (release.basis, release.rows > 0) == (BASIS, True)
        assert 9 in release.articles
        entries = [broker.ledger.entry(index).document for index in (release.decision_index, release.ledger_index)]
        assert [entry["basis"] for entry in entries] == [BASIS, BASIS]
        written = repr([broker.ledger.entry(index).document for index in range(broker.ledger.size)])
        assert "台風" not in written
        assert "不利益" not in written
        sheet = dict(broker.approvals.sheet(asker(deployment, broker, "cpo", "cpo"), approval=number).fields)
        assert sheet["権利利益を不当に侵害するおそれがないことの確認"] == WRITTEN.no_harm
        assert "臨時の利用" in sheet["伺い文"]
        assert "利用目的の範囲で" not in sheet["伺い文"]


@pytest.mark.parametrize(
    ("how", "control"),
    [
        ({"paper": Paper(reason="必要なため。", no_harm=WRITTEN.no_harm)}, "occasional-use-reasoned"),
        ({"paper": Paper(reason=WRITTEN.reason)}, "occasional-use-reasoned"),
        ({"paper": None}, "occasional-use-reasoned"),
        ({"until": date(2023, 12, 30)}, "occasional-use-term"),
        ({"until": date(2024, 4, 1)}, "occasional-use-term"),
        ({"basis": "69-2-3"}, "occasional-use-organs"),
        ({"basis": "69-2-4"}, "legal-basis"),
        ({"basis": "in_purpose"}, "legal-basis"),
        ({"basis": None}, "legal-basis"),
    ],
    ids=["short reason", "no check of harm", "nothing", "a day more", "next year", "other organ", "4", "in", "none"],
)  # fmt: skip
def test_a_draft_that_lacks_something_is_refused(opened: Opened, how: dict[str, Any], control: str) -> None:
    """Under one control, which says what would be acceptable; nothing is drafted."""
    deployment, broker = opened
    before = len(broker.approvals.store.all())
    found = refused(lambda: drafted(deployment, broker, **how))
    assert set(found) == {control}
    assert found[control]
    assert len(broker.approvals.store.all()) == before


def test_a_registered_purpose_is_not_asked_for_on_it(opened: Opened) -> None:
    """The basis is no way around the allow-list of a purpose that is registered as such."""
    deployment, broker = opened
    found = refused(lambda: drafted(deployment, broker, template="yc-household-care"))
    assert "legal-basis" in found


def test_it_ends_with_the_fiscal_year(new_city: Path) -> None:
    """A draft of February counts until 31 March, whatever its days."""
    deployment = Deployment.load(new_city, now=datetime.fromisoformat("2024-02-01T09:00:00+09:00"))
    with deployment.broker() as broker:
        assert broker.approvals.store.get(drafted(deployment, broker)).approval.expires_at == "2024-03-31"
        assert "occasional-use-term" in refused(lambda: drafted(deployment, broker, until=date(2024, 4, 2)))


def test_the_third_day_is_a_purpose_to_be_registered(new_city: Path) -> None:
    """Two days, under whatever approvals; then the query, a signature and a new draft are refused alike, for a year."""
    deployment, control = Deployment.load(new_city), "occasional-use-not-repeated"
    with deployment.broker() as broker:
        first, second, third = (drafted(deployment, broker) for _ in range(3))
        for number in (first, second):
            signed(deployment, broker, number)
        use(deployment, broker, first)
        use(deployment, broker, first)
        assert len(broker.occasional.under(broker.approvals.store.get(second).approval, basis=BASIS).uses) == 1  # type: ignore[union-attr]
        use(deployment, broker, second)
        assert refused(lambda: drafted(deployment, broker)).keys() == {control}
        assert "登録" in refused(lambda: drafted(deployment, broker))[control]
        assert control in refused(lambda: signed(deployment, broker, third))
        use(deployment, broker, first)
    assert control in controls_at(new_city, 1, first)
    assert control in controls_at(new_city, 1, second)
    following = days_later(new_city, 367)
    with following.broker() as broker:
        assert control not in refused(lambda: drafted(following, broker))


def test_the_reason_is_asked_for_on_the_command_line(new_city: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Without the check of harm the request exits 3 with article 9, and says which option is wanted."""
    command = ["--deployment", str(new_city), "--as", "center", "--hat", "controller", "--lang", "ja", "approval"]
    command += ["request", "--template", TEMPLATE, "--basis", BASIS, "--reason", str(WRITTEN.reason)]
    assert cli.run(command) == 3
    said = capsys.readouterr().err.replace("\n", "")
    assert "第9条" in said
    assert "--no-harm" in said
    assert cli.run([*command, "--no-harm", str(WRITTEN.no_harm)]) == 0
