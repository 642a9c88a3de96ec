"""I7: no data value appears in an error, a log line, a metric or the ledger."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from governance.log import ALLOWED_KEYS
from reference.akishima.demo import query_text
from sekisho import cli
from tests.city import APPROVAL

LITERAL = "山田花子九八七六"


def register_values(folder: Path) -> set[str]:
    """Every value of the register of residents that is long enough not to occur by chance."""
    with closing(sqlite3.connect(folder / "departments/shimin/shimin.sqlite")) as connection:
        rows = connection.execute("SELECT * FROM resident").fetchall()
    values = {str(value) for row in rows for value in row if value is not None}
    return {value for value in values if len(value) >= 6 and not value.isascii()} | {
        value for value in values if len(value) >= 8 and value.isdigit()
    }


def everything_recorded(folder: Path) -> str:
    """Ledger with its sidecars, store and log, as text."""
    texts = [path.read_text(encoding="utf-8") for path in (folder / "log").iterdir()]
    for file, query in (
        ("ledger.sqlite", "SELECT body FROM entries UNION ALL SELECT body FROM sidecars"),
        ("store.sqlite", "SELECT document FROM approval"),
    ):
        with closing(sqlite3.connect(folder / file)) as connection:
            texts += [bytes(b).decode() if isinstance(b, bytes) else b for (b,) in connection.execute(query)]
    return "\n".join(texts)


def runs(tmp_path: Path) -> list[list[str]]:
    """Queries that are answered, refused, wrong, or given values where there should be names."""
    literal = tmp_path / "literal.sql"
    literal.write_text(
        f"SELECT c.grade, count(*) AS n FROM shimin.child c WHERE c.sex = '{LITERAL}' GROUP BY c.grade", "utf-8"
    )
    broken = tmp_path / "broken.sql"
    broken.write_text(f"SELECT '{LITERAL}' FROM nowhere WHERE", "utf-8")
    for name in ("with_name", "with_my_number", "adult_row", "stat_by_grade"):
        (tmp_path / f"{name}.sql").write_text(query_text(name), "utf-8")
    asked = ["--as", "center", "--hat", "controller", "query", "run", "--purpose"]
    return [
        [*asked, "young_carer", "--approval", APPROVAL],
        [*asked, "stat", "--sql-file", str(tmp_path / "stat_by_grade.sql")],
        [*asked, "young_carer", "--sql-file", str(tmp_path / "with_name.sql")],
        [*asked, "young_carer", "--sql-file", str(tmp_path / "with_my_number.sql")],
        [*asked, "young_carer", "--sql-file", str(tmp_path / "adult_row.sql")],
        [*asked, "stat", "--sql-file", str(literal)],
        [*asked, "stat", "--sql-file", str(broken)],
        [*asked, LITERAL, "--approval", APPROVAL],
        [*asked, "young_carer", "--approval", LITERAL],
        [*asked, "young_carer", "--approval", APPROVAL, "--param", f"name={LITERAL}"],
        ["--as", LITERAL, "ledger", "list"],
        ["--as", "privacy", "approval", "show", LITERAL],
        ["--as", "auditor", "ledger", "list"],
    ]


def test_nothing_recorded_or_told_holds_a_value(
    city_with_approval: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """After answers, refusals and mistakes, no value of the register and no literal stands in any record or message."""
    told = []
    statuses = []
    for arguments in runs(tmp_path):
        statuses.append(cli.run(["--deployment", str(city_with_approval), *arguments]))
        told.append(capsys.readouterr().err)
    assert set(statuses) == {0, 2, 3}
    recorded = everything_recorded(city_with_approval)
    assert "young_carer" in recorded
    assert LITERAL not in recorded + "".join(told)
    values = register_values(city_with_approval)
    assert len(values) > 3000
    text = recorded + "".join(told)
    assert [value for value in values if value in text] == []


def test_a_broken_source_does_not_tell_its_values(city_with_approval: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A value that cannot be read is told by file and row, in message, log and ledger."""
    path = city_with_approval / "departments/kyoiku/gakurei_2023.csv"
    heading, row, *rest = path.read_bytes().decode("cp932").splitlines()
    fields = row.split(",")
    fields[heading.split(",").index("生年月日")] = LITERAL
    path.write_bytes("\r\n".join([heading, ",".join(fields), *rest, ""]).encode("cp932"))
    arguments = ["--as", "center", "--hat", "controller", "query", "run", "--purpose", "young_carer"]
    assert cli.run(["--deployment", str(city_with_approval), *arguments, "--approval", APPROVAL]) == 2
    assert LITERAL not in everything_recorded(city_with_approval) + capsys.readouterr().err


def test_the_log_takes_no_key_that_could_hold_a_value() -> None:
    """The keys of the log are a list on which nothing stands that would name a value, a row or a text."""
    assert not ALLOWED_KEYS & {"value", "row", "sql", "message", "error", "param", "parameters", "literal", "text"}
