"""The generator is deterministic across processes, and reports its progress."""

from __future__ import annotations

import hashlib
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import duckdb

from reference.akishima.generate import STAGES, generate

_RUN = (
    "import sys; from pathlib import Path; from reference.akishima.generate import generate;"
    "generate(Path(sys.argv[1]), population=800, seed=int(sys.argv[2]))"
)


def built_by_another_process(root: Path, target: Path, *, seed: int, hash_seed: str) -> dict[str, str]:
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": str(root)}
    subprocess.run([sys.executable, "-c", _RUN, str(target), str(seed)], check=True, env=environment)
    return contents(target)


def contents(target: Path) -> dict[str, str]:
    """Bytes of text files and rows of databases, as digests."""
    found = {}
    for path in sorted(target.rglob("*")):
        if path.suffix in {".csv", ".txt", ".yaml"}:
            found[path.relative_to(target).as_posix()] = hashlib.sha256(path.read_bytes()).hexdigest()
    with closing(sqlite3.connect(target / "departments" / "shimin" / "shimin.sqlite")) as register:
        found["shimin"] = hashlib.sha256(
            repr(register.execute("SELECT * FROM resident").fetchall()).encode()
        ).hexdigest()
    path = target / "departments" / "kaigo" / "kaigo.duckdb"
    with closing(duckdb.connect(str(path), read_only=True)) as care:
        found["kaigo"] = hashlib.sha256(repr(care.execute("SELECT * FROM certificate").fetchall()).encode()).hexdigest()
    return found


def test_same_seed_same_city_in_another_process(root: Path, tmp_path: Path) -> None:
    """Two processes with different hash seeds write the same bytes and the same rows; another seed does not."""
    first = built_by_another_process(root, tmp_path / "a", seed=5, hash_seed="1")
    assert len(first) > 100
    assert first == built_by_another_process(root, tmp_path / "b", seed=5, hash_seed="2")
    generate(tmp_path / "c", population=800, seed=6)
    other = contents(tmp_path / "c")
    assert {name for name in ("shimin", "kaigo", "latent_truth.csv") if first[name] == other[name]} == set()


def test_second_run_replaces_the_first(tmp_path: Path) -> None:
    """A smaller city written over a larger one leaves no file of the larger one behind."""
    generate(tmp_path / "again", population=800, seed=6)
    stray = tmp_path / "again" / "departments" / "school" / "attendance" / "E99_202204.csv"
    stray.write_text("left over", encoding="cp932")
    generate(tmp_path / "again", population=400, seed=6)
    generate(tmp_path / "once", population=400, seed=6)
    assert contents(tmp_path / "again") == contents(tmp_path / "once")


def test_progress_tells_every_stage_to_its_end(tmp_path: Path) -> None:
    """Stages are told in the declared order, never go back, and each ends at its total."""
    told: list[tuple[str, int, int]] = []
    generate(tmp_path, population=300, progress=lambda *event: told.append(event))
    assert list(dict.fromkeys(stage for stage, _, _ in told)) == list(STAGES)
    for stage in STAGES:
        done = [n for name, n, _ in told if name == stage]
        assert done == sorted(done)
        assert [n for name, n, total in told if name == stage][-1] == [t for name, _, t in told if name == stage][-1]
