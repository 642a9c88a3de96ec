"""What a dying process, a torn write and a full disk leave behind: whole entries, in sequence, nothing acknowledged lost.

The cases run in `tests.audit.crash_writer`; the points of death are counted, not listed.
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from audit.ledger import Ledger
from audit.receipt import parse_receipt, verify_receipt
from audit.verification import verify
from tests.audit.samples import ORIGIN, VKEY, new_ledger, open_ledger, refusal

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A new ledger, closed."""
    file = tmp_path / "ledger.sqlite"
    new_ledger(file).close()
    return file


def command(mode: str, path: Path, *arguments: str) -> list[str]:
    """The command of a mode."""
    return [sys.executable, "-m", "tests.audit.crash_writer", mode, str(path), *arguments]


def run(mode: str, path: Path) -> list[dict[str, Any]]:
    """The cases of a mode, in order."""
    done = subprocess.run(command(mode, path), capture_output=True, text=True, check=True, cwd=ROOT)
    return [json.loads(line) for line in done.stdout.splitlines()]


def assert_sound(cases: list[dict[str, Any]], *, start: int) -> None:
    """After each case the ledger verifies, holds what was acknowledged, and at most the one entry that was under way."""
    size = start
    for case in cases:
        assert (case["ok"], case["findings"]) == (True, []), case
        acknowledged = case["receipts"]
        assert acknowledged == list(range(size, size + len(acknowledged))), case
        assert size + len(acknowledged) <= case["size"] <= size + len(acknowledged) + 1, case
        size = case["size"]


def test_death_at_each_call_leaves_the_entry_whole_or_absent(path: Path) -> None:
    """Killed before and after every call to SQLite of one append: what was acknowledged is there, the rest is whole or
    absent, and the next writer needs no manual step (F1).
    """
    cases = run("calls", path)
    assert_sound(cases, start=1)
    killed = [case for case in cases if case["signal"] == signal.SIGKILL]
    survived = [case for case in cases if case["status"] == 0]
    assert len(killed) == len(cases) - 2 > 30
    assert [len(case["receipts"]) for case in survived] == [1, 1]
    # Some deaths come before the commit and some after it.
    gained = [after["size"] - before["size"] for before, after in pairwise(cases)]
    assert {0, 1} == set(gained)


def test_death_while_a_ledger_is_made_leaves_all_of_it_or_nothing(path: Path) -> None:
    """Killed before every call to SQLite: under the name there is a sound ledger or no file, and then it can be made anew."""
    cases = run("create", path)
    assert len(cases) > 20
    for case in cases:
        assert (case["ok"], case["size"]) == (True, 1), case
        assert case["made"] or case["signal"] == signal.SIGKILL, case
    assert {case["made"] for case in cases} == {True, False}


def test_death_within_a_write_leaves_the_entry_whole_or_absent(path: Path) -> None:
    """Killed when the log has grown by each half kilobyte more, in the middle of a write: a torn commit is no commit."""
    cases = run("torn", path)
    assert_sound(cases, start=cases[0]["before"])
    torn = [case for case in cases if case["signal"] == signal.SIGXFSZ]
    assert len(torn) > 20
    assert all(case["receipts"] == [] and case["size"] == case["before"] for case in torn)


def test_a_disk_that_is_full_stops_the_ledger_and_loses_nothing(path: Path) -> None:
    """When a write fails at each half kilobyte, the append raises, the ledger refuses to write and goes on reading, and
    with space again a new one goes on (F2, F3).
    """
    cases = run("full", path)
    assert_sound(cases, start=cases[0]["before"])
    refused = [case for case in cases if case["status"] == 40]
    assert len(refused) > 20
    assert all(case["status"] in (0, 40) for case in cases)
    assert all(case["size"] == case["before"] for case in refused)
    with open_ledger(path) as ledger:
        assert ledger.append(refusal(1)).index == cases[-1]["size"]


def test_death_at_any_time_loses_nothing_acknowledged(path: Path) -> None:
    """Twenty-five writers killed while they append without pause: all they were given receipts for is there."""
    cases = run("time", path)
    assert_sound(cases, start=1)
    assert {case["signal"] for case in cases} == {signal.SIGKILL}
    assert len(cases) == 25
    assert all(case["receipts"] for case in cases)


def test_a_ledger_of_another_process_is_refused_after_a_fork(path: Path) -> None:
    """The forked process does not touch the connection, and the one that opened it goes on."""
    (case,) = run("fork", path)
    assert (case["status"], case["index"], case["ok"], case["size"]) == (42, 2, True, 3)


def test_four_processes_append_at_once(path: Path) -> None:
    """Four writers of fifty entries each: contiguous indices, every receipt verifies, and the ledger is sound (F6)."""
    writers = [
        subprocess.Popen(command("append", path, str(1_000 * number)), stdout=subprocess.PIPE, text=True, cwd=ROOT)
        for number in range(1, 5)
    ]
    written: dict[int, str] = {}
    receipts = []
    for writer in writers:
        lines = [json.loads(line) for line in writer.communicate()[0].splitlines()]
        assert writer.returncode == 0
        assert [line["index"] for line in lines] == sorted(line["index"] for line in lines)
        assert len(lines) == 50
        for line in lines:
            written[line["index"]] = line["entry"]
            receipt = parse_receipt(line["receipt"], entry=line["entry"].encode())
            verify_receipt(receipt, vkey=VKEY, origin=ORIGIN)
            receipts.append(receipt)
    assert sorted(written) == list(range(1, 201))
    with Ledger.open(path, pinned=VKEY) as ledger:
        assert {entry.index: entry.body.decode() for entry in ledger.entries(1)} == written
    report = verify(path, vkey=VKEY, origin=ORIGIN, receipts=receipts)
    assert (report.ok, report.size) == (True, 201)
