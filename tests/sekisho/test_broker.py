"""The Python API: asking, explaining, and refusing before anything is asked of a department."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from governance.errors import BadInput, CheckFailed, Denied, SekishoError, Unavailable
from reference.akishima.demo_refusals import query_text
from sekisho.ask_request import AskRequest
from sekisho.broker import Broker
from sekisho.deployment import Deployment
from tests.city import APPROVAL, PURPOSE, ask

Opened = tuple[Deployment, Broker]


@pytest.fixture(scope="module")
def opened(approved_city: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opened]:
    """A broker that many tests share: they ask, and break nothing."""
    folder = shutil.copytree(approved_city, tmp_path_factory.mktemp("shared") / "demo-city")
    deployment = Deployment.load(folder)
    with deployment.broker() as broker:
        yield deployment, broker


@pytest.fixture
def own(city_with_approval: Path) -> Iterator[Opened]:
    """A broker of one's own, for tests that take something away from it."""
    deployment = Deployment.load(city_with_approval)
    with deployment.broker() as broker:
        yield deployment, broker


def articles(attempt: Callable[[], object]) -> set[int]:
    with pytest.raises(Denied) as caught:
        attempt()
    return {citation.article for citation in caught.value.citations}


def last_entry(broker: Broker) -> dict[str, object]:
    return dict(broker.ledger.entry(broker.ledger.size - 1).document)


def test_a_release_says_what_it_cost_and_where_it_is_recorded(opened: Opened) -> None:
    """A release carries cells by department, articles, and the ledger entries of its decision and its outcome."""
    deployment, broker = opened
    release = ask(broker, deployment)
    assert release.rows == release.table.num_rows > 0
    assert set(release.cells) == {"shimin", "kaigo", "kyoiku", "school"}
    assert all(count > 0 for count in release.cells.values())
    assert {4, 7, 8, 19} <= set(release.articles)
    decision, outcome = (broker.ledger.entry(i).document for i in (release.decision_index, release.ledger_index))
    assert (decision["allow"], decision["request"]) == (True, release.request)
    assert (outcome["decision"], outcome["cells"]) == (release.decision_index, dict(release.cells))


def test_the_same_question_has_the_same_answer(opened: Opened) -> None:
    """Asked twice, a query answers the same rows in the same order under the same digest."""
    deployment, broker = opened
    first, second = ask(broker, deployment), ask(broker, deployment)
    assert first.result_digest == second.result_digest
    assert first.request != second.request


def test_many_threads_share_a_broker(opened: Opened) -> None:
    """Queries of several threads answer alike, each with its own entries."""
    deployment, broker = opened
    with ThreadPoolExecutor(max_workers=3) as pool:
        releases = list(pool.map(lambda _: ask(broker, deployment), range(3)))
    assert len({release.result_digest for release in releases}) == 1
    assert len({release.ledger_index for release in releases}) == 3


def test_an_explanation_runs_nothing_and_leaves_no_trace(opened: Opened) -> None:
    """Explaining shows facts, decision, SQL and scans with a bound of cells that a run keeps, and writes no entry."""
    deployment, broker = opened
    before = broker.ledger.size
    explanation = broker.explain(
        AskRequest(token=deployment.token("center"), hat="controller", purpose=PURPOSE, approval=APPROVAL)
    )
    assert broker.ledger.size == before
    assert explanation.plan is not None
    assert explanation.decision.allow
    cells = ask(broker, deployment).cells
    for department in cells:
        bound = sum(c.cells_at_most for c in explanation.cells if c.scan.department == department)
        assert cells[department] <= bound


def test_the_explanation_of_a_refusal_has_its_reasons_and_no_plan(opened: Opened) -> None:
    """What would be refused is explained with the same controls, and without SQL."""
    deployment, broker = opened
    explanation = broker.explain(
        AskRequest(
            token=deployment.token("center"), hat="controller", purpose=PURPOSE, sql=query_text("with_my_number")
        )
    )
    assert explanation.plan is None
    assert "my-number-prohibited" in {reason.control for reason in explanation.decision.deny}


@pytest.mark.parametrize(
    ("request_", "article"),
    [
        pytest.param({"principal": None}, 20, id="nobody"),
        pytest.param({"principal": "no-such-account"}, 20, id="unknown-account"),
        pytest.param({"purpose": None}, 3, id="no-purpose"),
        pytest.param({"purpose": "marketing"}, 3, id="unknown-purpose"),
        pytest.param({"hat": None}, 6, id="two-hats"),
        pytest.param({"hat": "cpo"}, 6, id="foreign-hat"),
        pytest.param({"hat": "user"}, 6, id="other-hat"),
        pytest.param({"principal": "vendor-a", "hat": "analyst"}, 6, id="vendor"),
        pytest.param({"principal": "auditor", "hat": "auditor"}, 6, id="auditor"),
        pytest.param({"approval": "AP-2023-0999"}, 19, id="no-such-approval"),
        pytest.param({"purpose": "stat"}, 7, id="another-purpose"),
        pytest.param({"recipient": "vendor-a"}, 14, id="another-recipient"),
        pytest.param({"sql": query_text("with_name")}, 8, id="name"),
        pytest.param({"sql": query_text("with_my_number")}, 11, id="my-number"),
        pytest.param({"sql": query_text("adult_row")}, 4, id="adult-row"),
        pytest.param({"sql": query_text("not_on_list")}, 7, id="not-on-the-list"),
    ],
)
def test_a_refusal_cites_its_article_and_stands_in_the_ledger(
    opened: Opened, request_: dict[str, object], article: int
) -> None:
    """Each refusal names its article, is the newest decision of the ledger, and has asked no department."""
    deployment, broker = opened
    assert article in articles(lambda: ask(broker, deployment, **request_))  # type: ignore[arg-type]
    entry = last_entry(broker)
    assert (entry["kind"], entry["action"], entry["allow"]) == ("decision", "query", False)
    assert article in entry["articles"]  # type: ignore[operator]
    assert entry["scans"] == {}


def test_names_that_nobody_has_registered_stay_out_of_the_ledger(opened: Opened) -> None:
    """A purpose, hat or recipient that the guideline does not know may be anything, and is recorded as absent."""
    deployment, broker = opened
    articles(lambda: ask(broker, deployment, purpose="yamada_taro", hat="yamada_taro", recipient="yamada_taro"))
    assert b"yamada" not in broker.ledger.entry(broker.ledger.size - 1).body


@pytest.mark.parametrize(
    "request_",
    [
        {"approval": None},
        {"approval": APPROVAL, "sql": "SELECT 1"},
        {"purpose": "山田 太郎"},
        {"hat": "A B"},
        {"recipient": ""},
    ],
)
def test_what_is_no_request_is_bad_input(request_: dict[str, object]) -> None:
    """A request needs either an approval or a text, and names that are names; nothing is repeated."""
    with pytest.raises(BadInput) as caught:
        AskRequest(token=None, **{"approval": APPROVAL, **request_})  # type: ignore[arg-type]
    assert "山田" not in str(caught.value)


@pytest.mark.parametrize(
    ("sql", "code"),
    [
        pytest.param("SELECT * FROM shimin.child", "sql-", id="star"),
        pytest.param("DROP TABLE shimin.child", "sql-", id="statement"),
        pytest.param("SELECT c.nosuch FROM shimin.child c", "sql-name-unknown", id="column"),
        pytest.param("SELECT c.grade FROM shimin.nosuch c", "sql-table-unknown", id="table"),
        pytest.param("", "sql-", id="empty"),
        pytest.param("SELECT '山田' FROM", "sql-", id="broken"),
    ],
)
def test_sql_outside_what_may_be_asked_is_recorded_as_a_refusal(opened: Opened, sql: str, code: str) -> None:
    """Such a query ends with 2, stands in the ledger with its code and stage, and its text stands nowhere."""
    deployment, broker = opened
    with pytest.raises(BadInput) as caught:
        ask(broker, deployment, purpose="stat", sql=sql)
    assert caught.value.code.startswith(code)
    assert "山田" not in str(caught.value)
    entry = last_entry(broker)
    assert (entry["kind"], entry["exit_status"], entry["code"]) == ("refusal", 2, caught.value.code)


def test_a_template_that_is_gone_runs_no_more(own: Opened) -> None:
    """An approval whose template was removed cannot be run."""
    deployment, _ = own
    (deployment.layout.templates / "yc-household-care.sql").unlink()
    again = Deployment.load(deployment.layout.folder)
    with again.broker() as broker, pytest.raises(BadInput) as caught:
        ask(broker, again)
    assert caught.value.code == "template-unknown"


def test_nothing_is_released_once_the_ledger_is_gone(own: Opened) -> None:
    """With a ledger that takes no entry, no department is asked and nothing comes back (I2)."""
    deployment, broker = own
    broker.ledger.close()
    with pytest.raises(SekishoError) as caught:
        ask(broker, deployment)
    assert isinstance(caught.value, Unavailable)


def test_a_missing_source_is_unavailable_and_recorded(own: Opened) -> None:
    """A department whose source is gone ends the query with 4; the ledger keeps decision and refusal."""
    deployment, broker = own
    (deployment.layout.departments / "kaigo" / "kaigo.duckdb").unlink()
    with pytest.raises(Unavailable):
        ask(broker, deployment)
    entry = last_entry(broker)
    assert (entry["kind"], entry["exit_status"], entry["stage"]) == ("refusal", 4, "scan")


def test_a_damaged_ledger_is_not_opened(city_with_approval: Path) -> None:
    """A ledger under another key, or a file that is none, stops the broker at once."""
    deployment = Deployment.load(city_with_approval)
    deployment.layout.ledger.write_bytes(b"nothing")
    with pytest.raises((CheckFailed, Unavailable)):
        deployment.broker()


def test_no_key_shows_in_a_representation(opened: Opened) -> None:
    """Printing a deployment or its approvals shows no key."""
    deployment, broker = opened
    shown = repr(deployment) + repr(broker.approvals)
    assert repr(deployment.digest_key) not in shown
    assert "digest_key" not in shown
