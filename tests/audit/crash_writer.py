"""A writer that dies: run as ``python -m tests.audit.crash_writer MODE LEDGER [ARGUMENT]`` by the tests of durability.

Every mode prints one JSON line a case. Cases run in forked processes, so that dying is cheap and real: the process is
gone without having closed, rolled back or flushed anything.
"""

from __future__ import annotations

import json
import os
import random
import resource
import signal
import sqlite3
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

from audit.encoding import sidecar_digest
from audit.ledger import Ledger
from audit.verification import verify
from governance.errors import SekishoError
from tests.audit.samples import GENESIS, ORIGIN, SIDECAR, SIGNER, VKEY, decision, new_ledger, open_ledger, refusal


class Dying(sqlite3.Connection):
    """A connection that kills its process at one call, just before or just after the call was carried out."""

    calls: ClassVar[int] = 0
    fatal: ClassVar[int] = -1
    before: ClassVar[bool] = True

    def _step(self, run: Callable[..., Any], *arguments: Any) -> Any:
        kind = type(self)
        kind.calls += 1
        if kind.calls == kind.fatal and kind.before:
            os.kill(os.getpid(), signal.SIGKILL)
        done = run(*arguments)
        if kind.calls == kind.fatal:
            os.kill(os.getpid(), signal.SIGKILL)
        return done

    def execute(self, *arguments: Any) -> Any:
        return self._step(super().execute, *arguments)

    def executemany(self, *arguments: Any) -> Any:
        return self._step(super().executemany, *arguments)

    def executescript(self, *arguments: Any) -> Any:
        return self._step(super().executescript, *arguments)


def _tell(pipe: int, index: int) -> None:
    os.write(pipe, index.to_bytes(8))


def in_process(
    work: Callable[[Callable[[int], None]], None], *, killed_after: int | None = None, pause: float = 0.0
) -> dict[str, Any]:
    """Run work in a process of its own; how it ended, and the indices that it was given receipts for.

    ``killed_after`` so many receipts, and a pause in seconds, the process is killed from outside.
    """
    reading, writing = os.pipe()
    process = os.fork()
    if process == 0:
        status = 1
        try:
            work(partial(_tell, writing))
            status = 0
        finally:
            os._exit(status)
    os.close(writing)
    with os.fdopen(reading, "rb") as stream:
        receipts = b""
        if killed_after is not None:
            receipts = stream.read(8 * killed_after)
            time.sleep(pause)
            os.kill(process, signal.SIGKILL)
        receipts += stream.read()
    _, status = os.waitpid(process, 0)
    return {
        "signal": os.WTERMSIG(status) if os.WIFSIGNALED(status) else None,
        "status": os.WEXITSTATUS(status) if os.WIFEXITED(status) else None,
        "receipts": [int.from_bytes(receipts[at : at + 8]) for at in range(0, len(receipts), 8)],
    }


def soundness(path: Path) -> dict[str, Any]:
    """What the second opinion says, and what a later writer finds."""
    report = verify(path, vkey=VKEY, origin=ORIGIN)
    return {"ok": report.ok, "size": report.size, "findings": [finding.code for finding in report.findings]}


def append_one(path: Path, number: int, tell: Callable[[int], None], **options: Any) -> None:
    """Open, append a decision with an input of its own, tell its index, close."""
    document = {**SIDECAR, "number": number}
    with open_ledger(path, **options) as ledger:
        tell(ledger.append(_decision(number, document), sidecars=[document]).index)


def _decision(number: int, document: dict[str, Any]) -> dict[str, Any]:
    return decision(number, input_digest=sidecar_digest(document))


def at_each_call(path: Path) -> Iterator[dict[str, Any]]:
    """Die before and after each call to SQLite of opening and one append, until one run survives."""
    for before in (True, False):
        fatal = 0
        while True:
            fatal += 1
            Dying.calls, Dying.fatal, Dying.before = 0, fatal, before
            number = fatal * 2 + before
            case = in_process(partial(append_one, path, number, connection=Dying))
            yield {"call": fatal, "before": before, **case, **soundness(path)}
            if case["signal"] is None:
                break


def at_each_call_of_creating(path: Path) -> Iterator[dict[str, Any]]:
    """Die before each call to SQLite of making a ledger, until one run survives."""
    fatal = 0
    while True:
        fatal += 1
        Dying.calls, Dying.fatal, Dying.before = 0, fatal, True
        target = path.with_name(f"{fatal}-{path.name}")
        case = in_process(partial(_create, target))
        made = target.exists()
        if not made:
            new_ledger(target).close()
        yield {"call": fatal, "made": made, **case, **soundness(target)}
        if case["signal"] is None:
            break


def _create(path: Path, tell: Callable[[int], None]) -> None:
    Ledger.create(path, signer=SIGNER, origin=ORIGIN, genesis=GENESIS, connection=Dying).close()
    tell(0)


def in_each_write(path: Path, *, deadly: bool) -> Iterator[dict[str, Any]]:
    """Let a write to the log end at each half kilobyte: the process dies there, or the disk is full from there on."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    number = 1_000
    with open_ledger(path) as keeps_the_log:
        # Long enough that the limit on sizes of files meets the log first and not the shared index of 32 KiB beside it.
        log = path.with_name(f"{path.name}-wal")
        while log.stat().st_size < 64 * 1024:
            number += 1
            keeps_the_log.append(refusal(number))
        end, size, limit = log.stat().st_size, keeps_the_log.size, 0
        while True:
            limit += 512
            number += 1
            case = in_process(partial(_limited, path, number, bound=end + limit, deadly=deadly))
            found = soundness(path)
            yield {"limit": limit, "before": size, **case, **found}
            size = found["size"]
            if case["receipts"]:
                break


def _limited(path: Path, number: int, tell: Callable[[int], None], *, bound: int, deadly: bool) -> None:
    with open_ledger(path) as ledger:
        signal.signal(signal.SIGXFSZ, signal.SIG_DFL if deadly else signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (bound, resource.RLIM_INFINITY))
        try:
            document = {**SIDECAR, "number": number}
            tell(ledger.append(_decision(number, document), sidecars=[document]).index)
        except SekishoError as error:
            resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
            refused_again = _refusal_code(lambda: ledger.append(refusal(number)))
            readable = len(list(ledger.entries())) == ledger.size
            good = error.code == refused_again == "ledger-unavailable" and readable
            os._exit(40 if good else 41)


def _refusal_code(run: Callable[[], object]) -> str | None:
    try:
        run()
    except SekishoError as error:
        return error.code
    return None


def at_any_time(path: Path) -> Iterator[dict[str, Any]]:
    """Kill a writer that appends without pause, at moments drawn at random."""
    chance = random.Random(7)
    for round_ in range(25):
        first = 10_000 * (round_ + 1)
        case = in_process(
            partial(_append_for_ever, path, first),
            killed_after=chance.randrange(1, 5),
            pause=chance.uniform(0, 0.004),
        )
        yield {"round": round_, **case, **soundness(path)}


def _append_for_ever(path: Path, first: int, tell: Callable[[int], None]) -> None:
    with open_ledger(path) as ledger:
        for number in range(first, first + 10_000):
            tell(ledger.append(refusal(number)).index)


def append_many(path: Path, first: int) -> Iterator[dict[str, Any]]:
    """Append fifty entries, one at a time, beside other processes."""
    with open_ledger(path) as ledger:
        for number in range(first, first + 50):
            receipt = ledger.append(refusal(number))
            yield {"index": receipt.index, "receipt": receipt.text, "entry": receipt.entry.decode()}


def after_a_fork(path: Path) -> Iterator[dict[str, Any]]:
    """Append with a ledger that another process opened, and go on in that process."""
    with open_ledger(path) as ledger:
        ledger.append(refusal(1))

        def append_there(tell: Callable[[int], None]) -> None:
            code = _refusal_code(lambda: ledger.append(refusal(2)))
            os._exit(42 if code == "ledger-other-process" else 1)

        case = in_process(append_there)
        yield {**case, "index": ledger.append(refusal(3)).index, **soundness(path)}


def main(mode: str, path: Path, argument: str = "0") -> None:
    """Run one mode."""
    modes: dict[str, Callable[[], Iterator[dict[str, Any]]]] = {
        "calls": lambda: at_each_call(path),
        "create": lambda: at_each_call_of_creating(path),
        "torn": lambda: in_each_write(path, deadly=True),
        "full": lambda: in_each_write(path, deadly=False),
        "time": lambda: at_any_time(path),
        "append": lambda: append_many(path, int(argument)),
        "fork": lambda: after_a_fork(path),
    }
    for case in modes[mode]():
        sys.stdout.write(json.dumps(case) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), *sys.argv[3:])
