"""Threads that append at once share commits, and each gets what is its own."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

import pytest

from audit.admission import make_draft
from audit.entry import parse_entry
from audit.head import read_head
from audit.receipt import Receipt, verify_receipt
from audit.store import Store
from audit.verification import verify
from audit.writer import Writer
from governance.errors import BadInput, SekishoError, Unavailable
from tests.audit.samples import (
    ORIGIN,
    SIDECAR,
    SIGNER,
    VKEY,
    decision,
    new_ledger,
    open_ledger,
    refusal,
    release,
    request_id,
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A new ledger, closed."""
    file = tmp_path / "ledger.sqlite"
    new_ledger(file).close()
    return file


class Held(sqlite3.Connection):
    """A connection whose first commit waits until it is let go, so that others queue up behind it."""

    commits: ClassVar[int] = 0
    waiting: ClassVar[threading.Event]
    released: ClassVar[threading.Event]
    fail: ClassVar[bool] = False

    @classmethod
    def prepare(cls, *, fail: bool = False) -> None:
        """Hold the next commit; with ``fail``, let every commit fail."""
        cls.commits, cls.fail = 0, fail
        cls.waiting, cls.released = threading.Event(), threading.Event()

    def execute(self, *arguments: Any) -> Any:
        if arguments[0] == "COMMIT":
            kind = type(self)
            kind.commits += 1
            if kind.commits == 1:
                kind.waiting.set()
                assert kind.released.wait(30)
            if kind.fail:
                raise sqlite3.OperationalError
        return super().execute(*arguments)


def in_threads(works: Sequence[Callable[[], Any]], *, behind: Callable[[], Any]) -> list[Any]:
    """Run work in threads that all wait behind a first one's commit; results or errors, the first one's last."""
    results: list[Any] = [None] * (len(works) + 1)

    def run(place: int, work: Callable[[], Any]) -> None:
        try:
            results[place] = work()
        except SekishoError as error:
            results[place] = error

    first = threading.Thread(target=run, args=(len(works), behind))
    first.start()
    assert Held.waiting.wait(30)
    others = [threading.Thread(target=run, args=(place, work)) for place, work in enumerate(works)]
    for thread in others:
        thread.start()
    return [first, others, results]


def test_threads_that_wait_share_one_commit(path: Path) -> None:
    """Twenty threads behind one commit are all written by the next, with a receipt of their own each."""
    with open_ledger(path, connection=Held) as ledger:
        Held.prepare()
        works = [partial(ledger.append, refusal(number)) for number in range(20)]
        first, others, results = in_threads(works, behind=lambda: ledger.append(refusal(99)))
        while len(ledger._queue) < 20:
            threading.Event().wait(0.001)
        Held.released.set()
        for thread in [first, *others]:
            thread.join(30)
        assert Held.commits == 2
        receipts: list[Receipt] = results
        assert sorted(receipt.index for receipt in receipts) == list(range(1, 22))
        for number, receipt in enumerate(receipts[:-1]):
            assert parse_entry(receipt.entry)["request"] == request_id(number)
            assert verify_receipt(receipt, vkey=VKEY, origin=ORIGIN).size == 22
    report = verify(path, vkey=VKEY, origin=ORIGIN, receipts=receipts)
    assert (report.ok, report.size) == (True, 22)


def test_a_failing_commit_fails_for_everybody_in_it(path: Path) -> None:
    """Nobody who waited gets a receipt for what was not written, and nobody waits for ever."""
    with open_ledger(path, connection=Held) as ledger:
        Held.prepare(fail=True)
        works = [partial(ledger.append, refusal(number)) for number in range(5)]
        first, others, results = in_threads(works, behind=lambda: ledger.append(refusal(99)))
        while len(ledger._queue) < 5:
            threading.Event().wait(0.001)
        Held.released.set()
        for thread in [first, *others]:
            thread.join(30)
        assert [type(result) for result in results] == [Unavailable] * 6
        assert {result.code for result in results} == {"ledger-unavailable"}
        assert len({id(result) for result in results}) == 6
    assert verify(path, vkey=VKEY, origin=ORIGIN).size == 1


def test_threads_without_pause_lose_nothing(path: Path) -> None:
    """Eight threads of twenty-five entries each: contiguous, in order for each, and every receipt verifies."""
    receipts: dict[int, list[Receipt]] = {number: [] for number in range(8)}
    with open_ledger(path) as ledger:

        def work(number: int) -> None:
            for step in range(25):
                receipts[number].append(ledger.append(refusal(1_000 * number + step)))

        threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
    everything = [receipt for given in receipts.values() for receipt in given]
    assert sorted(receipt.index for receipt in everything) == list(range(1, 201))
    for number, given in receipts.items():
        assert [parse_entry(receipt.entry)["request"] for receipt in given] == [
            request_id(1_000 * number + step) for step in range(25)
        ]
        assert [receipt.index for receipt in given] == sorted(receipt.index for receipt in given)
    report = verify(path, vkey=VKEY, origin=ORIGIN, receipts=everything)
    assert (report.ok, report.size) == (True, 201)


def test_a_refused_draft_does_not_stop_the_others_of_its_commit(path: Path) -> None:
    """Drafts are admitted one after the other, each on top of those before it; a refused one leaves no trace."""
    store = Store.writing(path, connection=sqlite3.Connection, busy_seconds=1)
    try:
        writer = Writer(store, signer=SIGNER, head=read_head(store, verifier=SIGNER.verifier, origin=ORIGIN))
        drafts = [
            make_draft([decision(1)], sidecars=[SIDECAR]),
            make_draft([decision(2), decision(1)], sidecars=()),
            make_draft([decision(2), release(2, decided=2)], sidecars=()),
            make_draft([release(1, decided=2)], sidecars=()),
            make_draft([release(1, decided=1)], sidecars=()),
        ]
        taken, repeated, both, misled, last = writer.write(drafts)
        assert isinstance(repeated, BadInput)
        assert isinstance(misled, BadInput)
        assert (repeated.code, misled.code) == ("request-repeated", "entry-reference")
        assert not any(isinstance(outcome, BadInput) for outcome in (taken, both, last))
        receipts = [
            receipt for outcome in (taken, both, last) if not isinstance(outcome, BadInput) for receipt in outcome
        ]
        assert [receipt.index for receipt in receipts] == [1, 2, 3, 4]
        for receipt in receipts:
            assert verify_receipt(receipt, vkey=VKEY, origin=ORIGIN).size == 5

        (refused,) = writer.write([make_draft([decision(1)], sidecars=[SIDECAR])])
        assert isinstance(refused, BadInput)
    finally:
        store.close()
    report = verify(path, vkey=VKEY, origin=ORIGIN, receipts=receipts)
    assert (report.ok, report.size) == (True, 5)
