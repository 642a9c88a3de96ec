"""SQLite failing at every call that the ledger makes: the call sites are counted by running, not listed."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

import pytest

from audit.encoding import sidecar_digest
from audit.ledger import Ledger
from audit.verification import VerificationReport, verify
from governance.errors import CheckFailed, SekishoError, Unavailable
from tests.audit.samples import (
    GENESIS,
    ORIGIN,
    SIGNER,
    VKEY,
    decision,
    fill,
    new_ledger,
    open_ledger,
    refusal,
    release,
)

INPUT = {"action": "query", "purpose": "stat"}
BATCH = [decision(70, input_digest=sidecar_digest(INPUT)), release(70, decided=11), refusal(71)]


class Failing(sqlite3.Connection):
    """A connection whose n-th call fails, instead of being carried out or after it was.

    With ``sticky`` every call from then on fails, as on a disk that is gone.
    """

    calls: ClassVar[int] = 0
    fatal: ClassVar[int] = 0
    late: ClassVar[bool] = False
    sticky: ClassVar[bool] = False
    error: ClassVar[type[BaseException]] = sqlite3.OperationalError

    @classmethod
    def arm(
        cls, fatal: int, *, late: bool = False, sticky: bool = False, error: Any = sqlite3.OperationalError
    ) -> None:
        """Fail at this call, counted from now; 0 for never."""
        cls.calls, cls.fatal, cls.late, cls.sticky, cls.error = 0, fatal, late, sticky, error

    def _step(self, run: Callable[..., Any], *arguments: Any) -> Any:
        kind = type(self)
        kind.calls += 1
        fails = kind.calls == kind.fatal or (kind.sticky and 0 < kind.fatal < kind.calls)
        if fails and not kind.late:
            raise kind.error("disk I/O error")
        done = run(*arguments)
        if fails:
            raise kind.error("disk I/O error")
        return done

    def execute(self, *arguments: Any) -> Any:
        return self._step(super().execute, *arguments)

    def executemany(self, *arguments: Any) -> Any:
        return self._step(super().executemany, *arguments)

    def executescript(self, *arguments: Any) -> Any:
        return self._step(super().executescript, *arguments)


@pytest.fixture
def original(tmp_path: Path) -> Path:
    """A ledger of eleven entries, closed, to be copied for each case."""
    path = tmp_path / "original.sqlite"
    with new_ledger(path) as ledger:
        fill(ledger)
    return path


def check(path: Path) -> VerificationReport:
    """The second opinion."""
    return verify(path, vkey=VKEY, origin=ORIGIN)


def calls_of(original: Path, work: Callable[[Ledger], object]) -> int:
    """How many calls some work on a ledger makes to SQLite."""
    copy = original.with_name("counted.sqlite")
    shutil.copy(original, copy)
    with open_ledger(copy, connection=Failing) as ledger:
        Failing.arm(0)
        work(ledger)
        return Failing.calls


FAULTS = [
    pytest.param({"late": False}, id="instead"),
    pytest.param({"late": True}, id="after"),
    pytest.param({"late": False, "sticky": True}, id="instead-and-from-then-on"),
    pytest.param({"late": True, "sticky": True}, id="after-and-from-then-on"),
    pytest.param({"error": sqlite3.DatabaseError}, id="damaged"),
    pytest.param({"error": sqlite3.IntegrityError}, id="constraint"),
    pytest.param({"error": sqlite3.ProgrammingError}, id="programming"),
]


@pytest.mark.parametrize("fault", FAULTS)
def test_a_failing_call_leaves_the_batch_whole_or_absent_and_raises(original: Path, fault: dict[str, Any]) -> None:
    """At every call of one commit: append raises, the ledger refuses to write from then on, and in the file there is all
    of the batch or nothing (F2, I2).
    """

    def work(ledger: Ledger) -> object:
        return ledger.append_all(BATCH, sidecars=[INPUT])

    count = calls_of(original, work)
    assert count >= 10
    outcomes = set()
    for fatal in range(1, count + 1):
        path = original.with_name(f"case-{fatal}.sqlite")
        shutil.copy(original, path)
        ledger = open_ledger(path, connection=Failing)
        Failing.arm(fatal, **fault)
        with pytest.raises(Unavailable, match="ledger-unavailable"):
            work(ledger)
        Failing.arm(0)
        for entries in (BATCH, [refusal(99)]):
            with pytest.raises(Unavailable, match="ledger-unavailable"):
                ledger.append_all(entries, sidecars=[INPUT] if entries is BATCH else ())
        assert Failing.calls == 0
        assert len(list(ledger.entries())) == ledger.size
        report = check(path)
        assert (report.ok, report.size) in {(True, 11), (True, 14)}
        outcomes.add(report.size)
        # The lock is free: nobody waits for the one who failed.
        with open_ledger(path, busy_seconds=0.05) as healthy:
            assert healthy.append(refusal(99)).index == report.size
        ledger.close()
    # Only a commit that was carried out and then reported as failed leaves the batch there.
    assert outcomes == ({11, 14} if fault.get("late") else {11})


@pytest.mark.parametrize("error", [KeyboardInterrupt, MemoryError, SystemExit])
def test_an_interrupted_commit_leaves_the_batch_whole_or_absent(original: Path, error: type[BaseException]) -> None:
    """An interrupt at any call comes through, and leaves a sound file and a ledger that does not write."""

    def work(ledger: Ledger) -> object:
        return ledger.append_all(BATCH, sidecars=[INPUT])

    for fatal in range(1, calls_of(original, work) + 1):
        path = original.with_name(f"case-{fatal}.sqlite")
        shutil.copy(original, path)
        with open_ledger(path, connection=Failing) as ledger:
            Failing.arm(fatal, late=True, error=error)
            with pytest.raises(error):
                work(ledger)
            Failing.arm(0)
            with pytest.raises(Unavailable, match="ledger-unavailable"):
                ledger.append(refusal(99))
            # The lock is free: nobody waits for the one who was interrupted.
            with open_ledger(path, busy_seconds=0.05) as other:
                other.append(refusal(99))
        assert check(path).ok


def test_a_failing_call_while_others_have_written_is_no_different(original: Path) -> None:
    """The way that reads the head anew, because another process appended, fails just as safely."""

    def work_on(path: Path) -> Callable[[Ledger], object]:
        def work(ledger: Ledger) -> object:
            with open_ledger(path) as other:
                other.append(refusal(90))
            return ledger.append(refusal(91))

        return work

    count = calls_of(original, work_on(original.with_name("counted.sqlite")))
    assert count > 15
    for fatal in range(1, count + 1):
        path = original.with_name(f"case-{fatal}.sqlite")
        shutil.copy(original, path)
        with open_ledger(path, connection=Failing) as ledger:
            Failing.arm(fatal)
            with pytest.raises(Unavailable, match="ledger-unavailable"):
                work_on(path)(ledger)
            Failing.arm(0)
        report = check(path)
        assert (report.ok, report.size) == (True, 12)


def test_a_failing_call_while_opening_is_reported(original: Path) -> None:
    """At every call of opening: a documented error, and the file is as it was."""
    Failing.arm(0)
    open_ledger(original, connection=Failing).close()
    count = Failing.calls
    assert count > 15
    for fatal in range(1, count + 1):
        Failing.arm(fatal)
        with pytest.raises((Unavailable, CheckFailed)):
            open_ledger(original, connection=Failing)
    Failing.arm(0)
    assert (check(original).ok, check(original).size) == (True, 11)


@pytest.mark.parametrize("late", [False, True])
def test_a_failing_call_while_a_ledger_is_made_leaves_no_file(tmp_path: Path, late: bool) -> None:
    """At every call of creating: either the error is raised and no file is there, or the finished ledger is there and
    only opening it failed.
    """

    def create(path: Path) -> Ledger:
        return Ledger.create(path, signer=SIGNER, origin=ORIGIN, genesis=GENESIS, connection=Failing)

    Failing.arm(0)
    create(tmp_path / "counted.sqlite").close()
    count = Failing.calls
    absent = 0
    for fatal in range(1, count + 1):
        path = tmp_path / f"case-{fatal}.sqlite"
        Failing.arm(fatal, late=late)
        with pytest.raises((Unavailable, CheckFailed)):
            create(path)
        Failing.arm(0)
        if path.exists():
            assert check(path).ok
        else:
            absent += 1
        assert not [each.name for each in tmp_path.iterdir() if each.name.startswith(".")]
    assert 10 < absent < count


def test_a_failing_call_while_reading_is_reported_and_passes(original: Path) -> None:
    """At every call of reading: a documented error, after which the same ledger goes on reading and writing."""
    reads: list[Callable[[Ledger], object]] = [
        lambda ledger: ledger.size,
        lambda ledger: ledger.entry(3),
        lambda ledger: list(ledger.entries()),
        lambda ledger: ledger.prove_inclusion(3),
        lambda ledger: ledger.prove_consistency(3),
        lambda ledger: ledger.receipt(3),
        lambda ledger: ledger.sidecar(decision(1)["input_digest"]),
    ]
    with open_ledger(original, connection=Failing) as ledger:
        for read in reads:
            Failing.arm(0)
            expected = read(ledger)
            for fatal in range(1, Failing.calls + 1):
                Failing.arm(fatal)
                with pytest.raises(SekishoError) as refused:
                    read(ledger)
                assert refused.value.code == "ledger-unavailable"
            Failing.arm(0)
            assert read(ledger) == expected
        assert ledger.append(refusal(99)).index == 11
