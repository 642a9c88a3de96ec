"""I2: no data is released whose decision is not durably in the ledger first, and a department checks that itself."""

from __future__ import annotations

import io
import resource
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar

import pytest

from audit.encoding import sidecar_digest
from audit.entry import parse_entry
from audit.keys import generate_key, load_signer
from audit.ledger import Ledger
from audit.verification import verify
from connectors.department import LocalDepartment
from connectors.evidence import Evidence
from connectors.memory import USED
from governance.errors import CheckFailed, Denied, Unavailable
from governance.scans import ScanOrder, order_digest
from query_broker.combine import Combined, Combiner
from query_broker.pipeline import run
from query_broker.request import QueryRequest
from reference.akishima.demo_refusals import query_text
from sekisho.departments import local_departments
from tests.invariants.watching import Served, Watched

Trouble = Callable[[], AbstractContextManager[None]]


class Disk(sqlite3.Connection):
    """A connection to SQLite that the test can get at, to make real trouble for it."""

    opened: ClassVar[list[Disk]] = []

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        Disk.opened.append(self)


@contextmanager
def full() -> Iterator[None]:
    """No file of this process may grow or be written: the operating system says so, as it does on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@contextmanager
def read_only() -> Iterator[None]:
    """The file cannot be written any more."""
    Disk.opened[0].execute("PRAGMA query_only = ON")
    yield


@contextmanager
def ledger_on_disk(watched: Watched) -> Iterator[Ledger]:
    """The city's ledger, opened so that its disk can fail, in the place of the broker's own."""
    layout = watched.deployment.layout
    Disk.opened.clear()
    signer = load_signer(layout.ledger_key)
    pinned = watched.deployment.ledger_vkey
    with (
        Ledger.open(layout.ledger, pinned=pinned, signer=signer, connection=Disk, busy_seconds=0.05) as ledger,
        watched.with_parts(ledger=ledger),
    ):
        yield ledger


@contextmanager
def locked(watched: Watched) -> Iterator[None]:
    """Another process holds the one lock for writing and does not let go."""
    with closing(sqlite3.connect(watched.deployment.layout.ledger, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


def refused(watched: Watched, question: QueryRequest) -> None:
    """The question is not answered for want of a ledger, and no department has heard of it."""
    asked, size = len(watched.watch.asked), watched.broker.ledger.size
    with pytest.raises(Unavailable) as caught:
        run(question, watched.parts)
    assert caught.value.exit_status == 4
    assert caught.value.code.startswith("ledger")
    assert len(watched.watch.asked) == asked
    assert watched.broker.ledger.size == size


@pytest.mark.parametrize("trouble", [full, read_only])
@pytest.mark.parametrize(
    "request_",
    [{}, {"purpose": "stat", "sql": query_text("stat_by_grade")}, {"sql": query_text("with_name")}],
    ids=["approved", "statistic", "denied"],
)
def test_without_room_in_the_ledger_nobody_is_asked(
    watched: Watched, log: io.StringIO, trouble: Trouble, request_: Mapping[str, Any]
) -> None:
    """On a disk that is full or read-only, an allowed query and a denied one end alike: unavailable, nothing asked."""
    question = watched.prepared(**request_)
    with ledger_on_disk(watched):
        with trouble():
            refused(watched, question)
        # Once it has failed, a ledger stays shut until it is opened anew, whatever the disk does.
        refused(watched, question)
    assert "released" not in log.getvalue()


def test_a_ledger_that_another_process_holds_is_waited_for_and_then_given_up(watched: Watched) -> None:
    """A lock that is never released is no record, and no department is asked; once it is released, all is well."""
    with ledger_on_disk(watched):
        with locked(watched):
            refused(watched, watched.prepared())
        assert watched.ask().rows > 0


def test_a_ledger_that_is_closed_or_only_read_records_nothing(watched: Watched) -> None:
    """A ledger without its signing key, and one that is closed, let nothing pass."""
    layout = watched.deployment.layout
    with (
        Ledger.open(layout.ledger, pinned=watched.deployment.ledger_vkey) as reading,
        watched.with_parts(ledger=reading),
    ):
        refused(watched, watched.prepared())
    with ledger_on_disk(watched) as closed:
        closed.close()
        refused(watched, watched.prepared())


@dataclass(frozen=True, slots=True)
class BeforeCombining:
    """Combines as the combiner does, once something has been done."""

    combiner: Combiner
    happen: Callable[[], object]

    def prepare(self, workers: int = 1) -> None:
        """Get ready as the combiner does."""
        self.combiner.prepare(workers)

    def run_counted(self, sql: str, **asked: Any) -> Combined:
        """The combiner's answer."""
        self.happen()
        return self.combiner.run_counted(sql, **asked)


@pytest.mark.parametrize("trouble", [full, read_only])
def test_a_result_that_cannot_be_recorded_is_not_released(watched: Watched, log: io.StringIO, trouble: Trouble) -> None:
    """The disk fails after the departments were scanned: the data came, and nobody gets to see it."""
    watched.ask()
    size, served = watched.broker.ledger.size, len(watched.watch.served)
    with ledger_on_disk(watched), ExitStack() as failing:
        combiner = BeforeCombining(watched.parts.combiner, lambda: failing.enter_context(trouble()))
        with watched.with_parts(combiner=combiner), pytest.raises(Unavailable) as caught:
            watched.ask()
    assert (caught.value.exit_status, caught.value.code) == (4, "ledger-unavailable")
    assert len(watched.watch.served) == served + 5
    # The allow is there, the release is not.
    assert [entry.document["kind"] for entry in watched.broker.ledger.entries(size)] == ["decision"]
    assert log.getvalue().count('"outcome": "released"') == 1


def test_a_department_that_cannot_note_what_it_gives_gives_nothing(watched: Watched, log: io.StringIO) -> None:
    """What it cannot remember as served, a department does not serve; the failure stands in the ledger."""
    watched.ask()
    size, served = watched.broker.ledger.size, len(watched.watch.served)
    departments = {each for each, _, _ in watched.watch.asked}
    notes = [watched.deployment.layout.departments / department / USED for department in departments]
    for note in notes:
        note.rename(note.with_name("aside"))
        note.mkdir()
    try:
        with pytest.raises(Unavailable) as caught:
            watched.ask()
    finally:
        for note in notes:
            note.rmdir()
            note.with_name("aside").replace(note)
    assert (caught.value.exit_status, caught.value.code) == (4, "department-memory")
    assert len(watched.watch.served) == served
    assert [entry.document["kind"] for entry in watched.broker.ledger.entries(size)] == ["decision", "refusal"]
    assert log.getvalue().count('"outcome": "released"') == 1


def test_the_decision_is_in_the_file_when_the_first_department_is_asked(watched: Watched, tmp_path: Path) -> None:
    """At the moment of each scan an independent connection reads the very entry that the evidence proves, and a copy of
    the files as they stand on the disk at that moment is a sound ledger that holds it, with its input.
    """
    path, vkey = watched.deployment.layout.ledger, watched.deployment.ledger_vkey
    moments: list[tuple[int, bytes]] = []

    def look(order: ScanOrder, evidence: Evidence) -> None:
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as other:
            (index, body) = other.execute("SELECT idx, body FROM entries ORDER BY idx DESC LIMIT 1").fetchone()
            (kept,) = other.execute(
                "SELECT count(*) FROM sidecars WHERE digest = ?", (bytes.fromhex(parse_entry(body)["input_digest"]),)
            ).fetchone()
        assert (index, body, kept) == (evidence.receipt.index, evidence.receipt.entry, 1)
        entry = parse_entry(body)
        assert entry["allow"] is True
        assert entry["scans"][evidence.scan]["order"] == order_digest(order, nonce=evidence.nonce)
        if not moments:
            for file in path.parent.glob(f"{path.name}*"):
                shutil.copy(file, tmp_path)
            report = verify(tmp_path / path.name, vkey=vkey, origin=watched.broker.ledger.origin)
            assert (report.ok, report.size) == (True, index + 1)
        moments.append((index, body))

    watched.watch.on_scan = look
    try:
        release = watched.ask()
    finally:
        watched.watch.on_scan = None
    assert [index for index, _ in moments] == [release.decision_index] * 5
    # What was released is in the file by the time that it is handed over, after its decision.
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as other:
        (body,) = other.execute("SELECT body FROM entries WHERE idx = ?", (release.ledger_index,)).fetchone()
    assert parse_entry(body)["result_digest"] == release.result_digest
    assert release.decision_index < release.ledger_index
    assert verify(path, vkey=vkey, origin=watched.broker.ledger.origin).ok


# --- what a department asks for ---------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def proven(watched: Watched) -> Served:
    """The order for the children and the evidence for it, as the broker sent them."""
    _, scans = watched.served_by(watched.ask)
    return next(served for served in scans if served.order.dataset == "shimin.child")


@pytest.fixture
def holder(watched: Watched) -> LocalDepartment:
    """The holder of the register, as another process opens it."""
    layout, vkey = watched.deployment.layout, watched.deployment.ledger_vkey
    return local_departments(watched.deployment.catalogue, layout=layout, ledger_vkey=vkey)["shimin"]


@pytest.fixture
def forgetful(watched: Watched, holder: LocalDepartment) -> Iterator[LocalDepartment]:
    """The holder of the register without its memory: it has served nobody yet."""
    used = watched.deployment.layout.departments / "shimin" / USED
    kept = used.rename(used.with_name("aside"))
    yield holder
    kept.replace(used)


def turned_away(holder: LocalDepartment, order: ScanOrder, evidence: Evidence) -> str:
    """The code with which the holder refuses."""
    with pytest.raises(CheckFailed) as caught:
        holder.scan(order, evidence)
    return caught.value.code


def test_the_true_proof_opens_the_scan_and_opens_it_once(proven: Served, forgetful: LocalDepartment) -> None:
    """With its proof the order is answered as it was; the same proof shown again is refused."""
    assert forgetful.scan(proven.order, proven.evidence).read_all().equals(proven.table)
    assert turned_away(forgetful, proven.order, proven.evidence) == "scan-evidence-used"


def test_a_proof_that_served_before_a_restart_opens_nothing(proven: Served, holder: LocalDepartment) -> None:
    """What the broker's own department has answered, no other process and no later one answers again."""
    assert turned_away(holder, proven.order, proven.evidence) == "scan-evidence-used"


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"entry": b""}, id="no-entry"),
        pytest.param({"entry": b"{}"}, id="an-empty-entry"),
        pytest.param({"proof": ()}, id="no-path"),
        pytest.param({"checkpoint": ""}, id="no-checkpoint"),
        pytest.param({"checkpoint": "demo-city.example/sekisho\n1\n\n"}, id="an-unsigned-checkpoint"),
        pytest.param({"index": 0}, id="another-index"),
        pytest.param({"index": 10**9}, id="an-index-beyond-the-tree"),
    ],
)
def test_a_department_gives_nothing_without_proof(
    proven: Served, holder: LocalDepartment, change: Mapping[str, Any]
) -> None:
    """Evidence with a part missing or put in its place is none."""
    evidence = replace(proven.evidence, receipt=replace(proven.evidence.receipt, **change))
    assert turned_away(holder, proven.order, evidence) == "scan-evidence-invalid"


@pytest.mark.parametrize("name", ["demo-city.example/sekisho", "elsewhere.example/ledger"])
def test_a_proof_from_another_ledger_is_none(
    watched: Watched, proven: Served, holder: LocalDepartment, tmp_path: Path, name: str
) -> None:
    """A ledger under another key, of our name or of another, may hold the same allow: the department pins the key."""
    ledger = watched.broker.ledger
    entry = parse_entry(proven.evidence.receipt.entry)
    genesis = {k: v for k, v in ledger.entry(0).document.items() if k not in ("v", "kind", "event", "origin")}
    # A ledger never goes back: where the clock did, an entry carries the time of the one before and the clock's own.
    genesis["time"] = entry["time"]
    entry = {**entry, "time": entry.get("clock", entry["time"])}
    entry.pop("clock", None)
    signer = generate_key(tmp_path / "ledger.key", name=name)
    with Ledger.create(tmp_path / "ledger.sqlite", signer=signer, origin=name, genesis=genesis) as other:
        receipt = other.append(entry, sidecars=[ledger.sidecar(entry["input_digest"])])
    assert receipt.entry == proven.evidence.receipt.entry
    evidence = replace(proven.evidence, receipt=receipt)
    assert turned_away(holder, proven.order, evidence) == "scan-evidence-invalid"


def test_a_deny_opens_nothing_nor_does_the_allow_of_something_else(
    watched: Watched, proven: Served, holder: LocalDepartment
) -> None:
    """A deny, a release, the signature of an approval and the first entry are in the ledger, and none is an allow."""
    with pytest.raises(Denied):
        watched.ask(sql=query_text("with_name"))
    ledger = watched.broker.ledger
    kinds = set()
    for entry in ledger.entries():
        document = entry.document
        if document["kind"] == "decision" and document["allow"] and document["action"] == "query":
            continue
        kinds.add((document["kind"], document.get("allow"), document.get("action")))
        evidence = replace(proven.evidence, receipt=ledger.receipt(entry.index))
        assert turned_away(holder, proven.order, evidence) == "scan-evidence-no-allow"
    wanted = {("decision", False, "query"), ("decision", True, "approval.sign"), ("ledger", None, None)}
    assert wanted <= kinds
    assert "release" in {kind for kind, _, _ in kinds}


def _other_orders(order: ScanOrder) -> dict[str, ScanOrder]:
    return {
        "one column more": replace(order, columns=(*order.columns, replace(order.columns[0], column="sex"))),
        "one column less": replace(order, columns=order.columns[1:]),
        "no filter": replace(order, filter=order.predicates),
        "nobody excluded": replace(order, exclude=()),
        "another day": replace(order, as_of=order.as_of.replace(day=2)),
        "another domain": replace(order, pseudonyms=replace(order.pseudonyms, domain="stat")),
        "another table": replace(order, dataset="shimin.resident"),
    }


def test_a_proof_opens_the_order_that_was_decided_and_no_other(
    watched: Watched, proven: Served, holder: LocalDepartment
) -> None:
    """Whatever is changed in the order, in the nonce or in the scan that is named: the proof is of something else."""
    assert proven.order.exclude
    for name, order in _other_orders(proven.order).items():
        assert order != proven.order
        assert turned_away(holder, order, proven.evidence) == "scan-evidence-other-order", name
    for evidence in (
        replace(proven.evidence, nonce="0" * 32),
        replace(proven.evidence, scan="s2"),
        replace(proven.evidence, scan="s9"),
    ):
        assert turned_away(holder, proven.order, evidence) == "scan-evidence-other-order"
    # The decision of an equal query at another time is another decision, with a nonce of its own.
    later, _ = watched.served_by(watched.ask)
    evidence = replace(proven.evidence, receipt=watched.broker.ledger.receipt(later.decision_index))
    assert turned_away(holder, proven.order, evidence) == "scan-evidence-other-order"


def test_an_entry_with_other_words_is_not_the_one_in_the_ledger(
    watched: Watched, proven: Served, holder: LocalDepartment
) -> None:
    """A deny turned into an allow, or another order's digest pasted in, no longer hashes to a leaf of the tree."""
    receipt = proven.evidence.receipt
    other = replace(proven.order, exclude=())
    digests = [order_digest(order, nonce=proven.evidence.nonce).encode() for order in (proven.order, other)]
    pasted = receipt.entry.replace(*digests)
    assert pasted != receipt.entry
    evidence = replace(proven.evidence, receipt=replace(receipt, entry=pasted))
    assert turned_away(holder, other, evidence) == "scan-evidence-invalid"


def test_a_decision_s_input_is_kept_with_it(watched: Watched, proven: Served) -> None:
    """The document that was decided on is in the ledger under the digest that the entry names."""
    entry = parse_entry(proven.evidence.receipt.entry)
    document = watched.broker.ledger.sidecar(entry["input_digest"])
    assert sidecar_digest(document) == entry["input_digest"]
    assert document in watched.engine.questions
