"""The generator is deterministic across processes, grows in proportion, and reports its progress."""

from __future__ import annotations

import hashlib
import os
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

import duckdb
import pytest

from reference.akishima.city.draw import Draw
from reference.akishima.city.families import families
from reference.akishima.city.pyramid import CITY_POPULATION, Pyramid
from reference.akishima.city.register import Registrar
from reference.akishima.city.schools import schools
from reference.akishima.generate import FULL_POPULATION, STAGES, GeneratedCity, generate

_RUN = (
    "import sys; from pathlib import Path; from reference.akishima.generate import generate;"
    "generate(Path(sys.argv[1]), population=800, seed=int(sys.argv[2]))"
)
_BYTE_FOR_BYTE = {".csv", ".txt", ".yaml", ".xlsx", ".parquet"}
_DATABASES = {"shimin": ("resident", "history"), "kosodate": ("allowance",), "center": ("case_record", "consult")}


def built_by_another_process(root: Path, target: Path, *, seed: int, hash_seed: str) -> dict[str, str]:
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": str(root)}
    subprocess.run([sys.executable, "-c", _RUN, str(target), str(seed)], check=True, env=environment)
    return contents(target)


def digest(rows: object) -> str:
    return hashlib.sha256(repr(rows).encode()).hexdigest()


def contents(target: Path) -> dict[str, str]:
    """Bytes of files and rows of databases, as digests."""
    found = {
        path.relative_to(target).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(target.rglob("*"))
        if path.suffix in _BYTE_FOR_BYTE
    }
    for department, tables in _DATABASES.items():
        path = target / "departments" / department / f"{department}.sqlite"
        with closing(sqlite3.connect(path)) as database:
            for table in tables:
                found[f"{department}.{table}"] = digest(database.execute(f"SELECT * FROM {table}").fetchall())
    path = target / "departments" / "kaigo" / "kaigo.duckdb"
    with closing(duckdb.connect(str(path), read_only=True)) as care:
        found["kaigo"] = digest(care.execute("SELECT * FROM certificate").fetchall())
    return found


def test_same_seed_same_city_in_another_process(root: Path, tmp_path: Path) -> None:
    """Two processes with different hash seeds write the same bytes and the same rows, workbooks included; another seed
    does not.
    """
    first = built_by_another_process(root, tmp_path / "a", seed=5, hash_seed="1")
    kinds = Counter(Path(name).suffix for name in first)
    assert kinds[".csv"] > 50
    assert kinds[".xlsx"] > 50
    assert kinds[".parquet"] == 1
    assert first == built_by_another_process(root, tmp_path / "b", seed=5, hash_seed="2")
    generate(tmp_path / "c", population=800, seed=6)
    other = contents(tmp_path / "c")
    same = {name for name in first if other.get(name) == first[name]}
    assert {name for name in same if not name.endswith(("README.txt", "extract.yaml"))} == set()


def test_second_run_replaces_the_first(tmp_path: Path) -> None:
    """A smaller city written over a larger one leaves no file of the larger one behind."""
    generate(tmp_path / "again", population=800, seed=6)
    for stray in (
        "school/attendance/E99_202204.csv",
        "school/life/チェック票_E99_202304.xlsx",
        "kenko/mch_202207.parquet",
    ):
        (tmp_path / "again" / "departments" / stray).write_text("left over", encoding="cp932")
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


@pytest.fixture(scope="module")
def sizes(tmp_path_factory: pytest.TempPathFactory) -> Mapping[int, GeneratedCity]:
    """Cities of 2,000 and 8,000 people."""
    return {n: generate(tmp_path_factory.mktemp("sizes"), population=n) for n in (2_000, 8_000)}


def test_a_city_of_four_times_the_size_has_four_times_as_much(sizes: Mapping[int, GeneratedCity]) -> None:
    """Persons exactly; households, certificates, children, attendance and every database's rows about."""
    small, large = sizes[2_000], sizes[8_000]
    assert large.residents == 4 * small.residents
    for name in ("on_register", "households", "target_children", "certificates", "attendance_rows"):
        assert getattr(large, name) / getattr(small, name) == pytest.approx(4.0, rel=0.15), name

    def rows(city: GeneratedCity, department: str, table: str) -> int:
        path = city.departments / department / f"{department}.sqlite"
        with closing(sqlite3.connect(path)) as database:
            ((count,),) = database.execute(f"SELECT count(*) FROM {table}").fetchall()
        return int(count)

    for department, table in (("shimin", "history"), ("kosodate", "allowance")):
        assert rows(large, department, table) / rows(small, department, table) == pytest.approx(4.0, rel=0.3), table


def test_a_city_beyond_the_city_s_own_size_has_room() -> None:
    """Ten times the city: more schools with names of their own, and the pyramid in proportion."""
    names = [school.name for school in schools(10 * CITY_POPULATION)]
    assert len(names) == len(set(names)) == 190
    assert len({school.code for school in schools(10 * CITY_POPULATION)}) == 190
    assert Pyramid(10 * CITY_POPULATION).left() == 10 * CITY_POPULATION


def test_numbers_and_dwellings_do_not_run_out() -> None:
    """A register with room for ten cities gives each person a number, and each dwelling to one household."""
    pyramid, dwellings = Pyramid(3_000), iter(range(1, 10_000))
    homes = families(Draw(2, "families"), pyramid, dwellings)
    persons = list(Registrar(2, room=10).register(homes))
    assert len({person.resident_id for person in persons}) == len(persons)
    assert len({person.dwelling_key for person in persons}) == len({home.dwelling for home in homes})


def test_the_demonstration_is_the_whole_city() -> None:
    """Unless told otherwise, as many people as the city has."""
    assert FULL_POPULATION == CITY_POPULATION == 114_447
