"""The vectors that are checked in: made by the script beside them, and judged as they say."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from audit.file_format import APPLICATION_ID, FORMAT_VERSION, schema_sql
from audit.receipt import parse_receipt
from audit.verification import verify
from tests.audit.make_vectors import FOLDER, as_text, vectors

NAMES = sorted(path.stem for path in FOLDER.glob("*.json"))


def written(vector: dict[str, Any], path: Path) -> None:
    """The file that a vector describes."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.executescript(f"BEGIN;{schema_sql()}COMMIT;")
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {FORMAT_VERSION}")
        connection.execute("BEGIN")
        for index, body in enumerate(vector["entries"]):
            connection.execute("INSERT INTO entries VALUES (?, ?)", (index, body.encode()))
        for position, node in enumerate(vector["nodes"]):
            connection.execute("INSERT INTO nodes VALUES (?, ?)", (position, bytes.fromhex(node)))
        for body in map(str.encode, vector["sidecars"]):
            connection.execute("INSERT INTO sidecars VALUES (?, ?)", (hashlib.sha256(body).digest(), body))
        for request, kind, index in vector["requests"]:
            connection.execute("INSERT INTO requests VALUES (?, ?, ?)", (bytes.fromhex(request), kind, index))
        connection.execute("INSERT INTO checkpoint VALUES (1, ?)", (vector["checkpoint"].encode(),))
        connection.execute("COMMIT")


def test_the_files_are_those_of_the_script() -> None:
    """Nobody edited a vector by hand, and none is left over."""
    assert {name: as_text(vector) for name, vector in vectors().items()} == {
        name: (FOLDER / f"{name}.json").read_text(encoding="utf-8") for name in NAMES
    }


@pytest.mark.parametrize("name", NAMES)
def test_each_vector_is_judged_as_it_says(tmp_path: Path, name: str) -> None:
    """The verifier finds what the vector expects, and nothing else."""
    vector = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    path = tmp_path / "ledger.sqlite"
    written(vector, path)
    receipts = [parse_receipt(receipt["text"], entry=receipt["entry"].encode()) for receipt in vector["receipts"]]
    report = verify(path, vkey=vector["vkey"], origin=vector["origin"], receipts=receipts)
    assert [[finding.code, finding.index] for finding in report.findings] == vector["findings"]
    assert report.ok == (vector["expect"] == "ok")
    assert vector["expect"] == name
