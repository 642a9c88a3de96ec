"""The fuzzers' targets: sound examples pass, spoiled ones are refused in our own words, and a parser that is not sound is found.

The large part is a command: ``python -m tests.fuzzing``.
"""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from governance.errors import BadInput, Fault
from tests.fuzzing.__main__ import FOUND, fuzz
from tests.fuzzing.targets import TARGETS, Target


@pytest.mark.fuzz
@pytest.mark.parametrize("name", TARGETS)
def test_sound_and_spoiled_bytes(name: str, tmp_path: Path) -> None:
    """Every sound example, what fuzzing found before, and both with some bytes changed: nothing comes out but refusals."""
    target = TARGETS[name](tmp_path)
    chance = random.Random(20261125)
    inputs = [*target.seeds, *(path.read_bytes() for path in sorted((FOUND / name).glob("*")))]
    assert inputs
    for data in inputs[:40]:
        target.attempt(data)
    for _ in range(30):
        spoiled = bytearray(chance.choice(inputs))
        for _ in range(chance.randint(1, 4)):
            place = chance.randrange(len(spoiled))
            spoiled[place : place + chance.randint(0, 2)] = chance.randbytes(chance.randint(0, 3))
        target.attempt(bytes(spoiled))


def test_everything_but_a_refusal_is_a_finding() -> None:
    """An error of Python's and a fault of ours go through; a refusal does not."""

    def parse(data: bytes) -> None:
        if data == b"refused":
            raise BadInput("sql-empty")
        if data == b"fault":
            raise Fault
        int(data)

    target = Target([b"1"], parse)
    target.attempt(b"1")
    target.attempt(b"refused")
    with pytest.raises(Fault):
        target.attempt(b"fault")
    with pytest.raises(ValueError):
        target.attempt(b"x")


@pytest.mark.fuzz
def test_the_coverage_guided_engine_runs(tmp_path: Path) -> None:
    """A short run in a process of its own ends sound, and says how many inputs it tried."""
    done = fuzz("token", ["-runs=300"], tmp_path)
    assert done.returncode == 0, done.stderr[-2000:]
    assert "stat::number_of_executed_units: 300" in done.stderr
