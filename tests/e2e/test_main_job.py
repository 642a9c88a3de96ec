"""The main job through the command: an approval, the approved query, its refusals, a statistic, the ledger."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
import zipfile
from contextlib import closing
from datetime import date
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest

from governance.decisions import PseudonymSpace
from governance.load_catalogue import load_catalogue
from masking.keys import KeyRing
from reference.akishima.city.days import BASE_DATE
from sekisho.layout import Layout
from tests.city import APPROVAL, SIGNERS, TEMPLATE
from tests.e2e.commands import ROOT, Ran, sekisho, sekisho_process
from tests.reference.oracle import household_care_and_absence

QUERIES = ROOT / "reference" / "akishima" / "queries"
LATE_MONTHS_SIGNERS = (
    ("privacy", "review"),
    ("steward-shimin", "consult"),
    ("steward-kyoiku", "consult"),
    ("steward-school", "consult"),
    ("center-head", "decide"),
)
"""The template with a parameter reads no care certificates: their holder is not asked, and the centre's head decides."""

FEATURES = ("grade", "n_siblings_u6", "care_max", "served", "absent", "months_late", "months_known")


def asked(folder: Path, *arguments: str | Path, principal: str = "center", hat: str = "controller") -> Ran:
    return sekisho(
        "--deployment", folder, "--as", principal, "--hat", hat, "--format", "json",
        "query", "run", "--purpose", "young_carer", *arguments,
    )  # fmt: skip


def test_an_approval_is_refused_to_its_requester_and_granted_by_others(new_city: Path) -> None:
    """Drafting ends with 0, one's own signature with 3 and article 6, and the others' signatures grant."""
    common = ("--deployment", new_city, "--format", "json")
    drafted = sekisho(*common, "--as", "center", "--hat", "controller", "approval", "request", "--template", TEMPLATE)
    assert drafted.status == 0
    assert drafted.document["notice"] == "架空データ"
    assert drafted.document["approval"]["id"] == APPROVAL
    own = sekisho(*common, "--as", "center", "--hat", "controller", "approval", "grant", APPROVAL, "--step", "decide")
    assert own.status == 3
    assert 6 in own.document["error"]["articles"]
    assert "separation-of-duties" in {reason["control"] for reason in own.document["error"]["reasons"]}
    for name, _, step in SIGNERS:
        signed = sekisho(*common, "--as", name, "approval", "grant", APPROVAL, "--step", step)
        assert signed.status == 0, signed.err
    assert signed.document["approval"]["state"] == "granted"
    shown = sekisho("--deployment", new_city, "--as", "privacy", "approval", "show", APPROVAL)
    assert shown.status == 0
    assert "決裁済" in shown.out


def test_the_approved_query_equals_the_oracle_child_by_child(city_with_approval: Path) -> None:
    """Through masking, four departments and the combining process, each child has exactly the oracle's values."""
    ran = asked(city_with_approval, "--approval", APPROVAL)
    assert ran.status == 0, ran.err
    release = ran.document["release"]
    layout = Layout(city_with_approval)
    oracle = household_care_and_absence(layout.departments, BASE_DATE)
    kind = load_catalogue(layout.catalogue).kinds["resident"]
    space = PseudonymSpace(domain="center-screening", epoch="2023")
    keyring = KeyRing.load(layout.master_key)
    pseudonyms = keyring.pseudonyms(pd_to_arrow(oracle.index), kind=kind, space=space)
    expected = {
        str(pseudonym): {name: none(row[name]) for name in FEATURES}
        for pseudonym, (_, row) in zip(pseudonyms.to_pylist(), oracle.iterrows(), strict=True)
    }
    answered = {row["resident_id"]: {name: row[name] for name in FEATURES} for row in release["rows"]}
    assert len(release["rows"]) == len(expected) > 50
    assert answered == expected
    for name in FEATURES:
        assert len({row[name] for row in release["rows"]}) > 1, name
    assert release["pseudonym_key"] == keyring.key_id(space)
    assert set(release["cells"]) == {"shimin", "kaigo", "kyoiku", "school"}
    coverage = release["coverage"]
    recorded = sum(row["absent"] is not None for row in release["rows"])
    assert coverage["school.attendance"] == {"known": recorded, "of": len(expected)}
    assert coverage["kaigo.cert"]["known"] == len(expected) > recorded > 0
    assert "出欠の記録" in ran.err
    raw = set(oracle.index)
    assert not any(str(value) in raw for row in release["rows"] for value in row.values())


def pd_to_arrow(index: pd.Index) -> object:
    import pyarrow as pa

    return pa.array([str(value) for value in index], pa.string())


def none(value: object) -> object:
    if pd.isna(value):
        return None
    return bool(value) if isinstance(value, bool) or type(value).__name__ == "bool_" else int(value)  # type: ignore[call-overload]


@pytest.mark.parametrize(
    ("arguments", "principal", "hat", "article"),
    [
        pytest.param(("--sql-file", QUERIES / "with_name.sql"), "center", "controller", 8, id="name"),
        pytest.param(("--sql-file", QUERIES / "with_my_number.sql"), "center", "controller", 11, id="my-number"),
        pytest.param(("--sql-file", QUERIES / "adult_row.sql"), "center", "controller", 4, id="adult-row"),
        pytest.param(("--sql-file", QUERIES / "not_on_list.sql"), "center", "controller", 7, id="not-on-the-list"),
        pytest.param(("--approval", APPROVAL), "vendor-a", "analyst", 6, id="vendor"),
        pytest.param(("--approval", APPROVAL), "auditor", "auditor", 6, id="auditor"),
        pytest.param(("--approval", "AP-2023-0042"), "center", "controller", 19, id="no-such-approval"),
    ],
)
def test_what_the_guideline_forbids_is_refused_with_its_article(
    approved_city: Path, arguments: tuple[str | Path, ...], principal: str, hat: str, article: int
) -> None:
    """Each forbidden form of the question ends with 3, its article and its remedy, as document and for people."""
    ran = asked(approved_city, *arguments, principal=principal, hat=hat)
    assert ran.status == 3, ran.err
    error = ran.document["error"]
    assert (error["kind"], error["exit_status"]) == ("denied", 3)
    assert article in error["articles"]
    assert all(reason["text"] and reason["remedy"] for reason in error["reasons"])
    assert f"第{article}条" in ran.err
    assert "Traceback" not in ran.err


def test_without_a_purpose_nothing_is_answered(approved_city: Path) -> None:
    """A query that states no purpose is refused under article 3."""
    ran = sekisho(
        "--deployment", approved_city, "--as", "center", "--hat", "controller", "--format", "json",
        "query", "run", "--approval", APPROVAL,
    )  # fmt: skip
    assert ran.status == 3
    assert 3 in ran.document["error"]["articles"]


def test_a_statistic_leaves_small_groups_out(approved_city: Path) -> None:
    """An aggregate for the purpose stat needs no approval, leaves out groups below five, and does not say whether there were any."""
    ran = sekisho(
        "--deployment", approved_city, "--as", "center", "--hat", "controller", "--format", "json",
        "query", "run", "--purpose", "stat", "--sql-file", QUERIES / "stat_by_grade.sql",
    )  # fmt: skip
    assert ran.status == 0, ran.err
    release = ran.document["release"]
    assert release["smallest_group"] == 5
    assert "suppressed_groups" not in release
    assert release["rows"]
    assert all(row["children"] is None or row["children"] >= 5 for row in release["rows"])


def test_a_file_that_exists_is_found_before_any_data_leave(approved_city: Path, tmp_path: Path) -> None:
    """With an output file that may not be written nothing is asked of a department, and nothing is recorded."""
    taken = tmp_path / "taken.csv"
    taken.write_text("mine", encoding="utf-8")
    common = ("--deployment", approved_city, "--as", "auditor", "--format", "json")
    before = sekisho(*common, "ledger", "list").document
    ran = sekisho(
        "--deployment", approved_city, "--as", "center", "--hat", "controller", "--format", "csv",
        "query", "run", "--purpose", "young_carer", "--approval", APPROVAL, "--out", taken,
    )  # fmt: skip
    assert ran.status == 2
    assert taken.read_text(encoding="utf-8") == "mine"
    after = sekisho(*common, "ledger", "list").document
    assert [e for e in after["entries"] if e["kind"] == "release"] == [
        e for e in before["entries"] if e["kind"] == "release"
    ]


def test_a_parameter_is_typed_and_bound(new_city: Path) -> None:
    """A template with a parameter runs with its value; another type, none, or an unknown name ends with 2."""
    common = ("--deployment", new_city, "--format", "json")
    sekisho(*common, "--as", "center", "--hat", "controller", "approval", "request", "--template", "yc-late-months")
    for name, step in LATE_MONTHS_SIGNERS:
        signed = sekisho(*common, "--as", name, "approval", "grant", APPROVAL, "--step", step)
        assert signed.status == 0, signed.err
    strict = asked(new_city, "--approval", APPROVAL, "--param", "late_threshold=5")
    loose = asked(new_city, "--approval", APPROVAL, "--param", "late_threshold=1")
    assert (strict.status, loose.status) == (0, 0), strict.err + loose.err

    def months(ran: Ran) -> int:
        return sum(row["months_late"] or 0 for row in ran.document["release"]["rows"])

    assert months(strict) < months(loose)
    for arguments, code in (
        ((), "parameter-missing"),
        (("--param", "late_threshold=山田"), "parameter-type"),
        (("--param", "threshold=3"), "parameter-unknown"),
    ):
        ran = asked(new_city, "--approval", APPROVAL, *arguments)
        assert (ran.status, ran.document["error"]["code"]) == (2, code)
        assert "山田" not in ran.out + ran.err


def test_a_release_is_written_in_every_format(approved_city: Path, tmp_path: Path) -> None:
    """CSV, Parquet and Excel hold the same rows as the JSON document and say that the data is synthetic."""
    rows = asked(approved_city, "--approval", APPROVAL).document["release"]["rows"]
    for kind in ("csv", "parquet", "xlsx"):
        ran = sekisho(
            "--deployment", approved_city, "--as", "center", "--hat", "controller", "--format", kind,
            "query", "run", "--purpose", "young_carer", "--approval", APPROVAL, "--out", tmp_path / f"out.{kind}",
        )  # fmt: skip
        assert (ran.status, ran.out) == (0, ""), ran.err
    notice, heading, *lines = list(csv.reader(io.StringIO((tmp_path / "out.csv").read_text("utf-8-sig"))))
    assert "架空データ" in notice[0]
    assert heading == list(rows[0])
    assert [line[0] for line in lines] == [row["resident_id"] for row in rows]
    parquet = pq.read_table(tmp_path / "out.parquet")
    assert parquet.column("absent").to_pylist() == [row["absent"] for row in rows]
    with zipfile.ZipFile(tmp_path / "out.xlsx") as archive:
        assert "架空データ" in archive.read("xl/sharedStrings.xml").decode()


def test_explaining_shows_what_would_leave(approved_city: Path) -> None:
    """An explanation has facts, the decision with its articles, the SQL and each department's scan, as text and JSON."""
    arguments = (
        "--deployment", approved_city, "--as", "center", "--hat", "controller",
        "query", "explain", "--purpose", "young_carer", "--approval", APPROVAL,
    )  # fmt: skip
    document = sekisho(*arguments, "--format", "json").document["explanation"]
    assert document["decision"]["allow"]
    assert document["decision"]["articles"]
    assert document["sql"]
    assert {scan["department"] for scan in document["scans"]} == {"shimin", "kaigo", "kyoiku", "school"}
    assert all(scan["cells_at_most"] > 0 for scan in document["scans"])
    text = sekisho(*arguments)
    assert text.status == 0
    for heading in ("■ 読み取る内容", "■ 判断", "■ 書き換えた照会", "■ 各課に頼む読み取り"):
        assert heading in text.out


def test_the_ledger_is_read_proven_and_verified(city_with_approval: Path, tmp_path: Path) -> None:
    """The auditor lists, shows and proves entries; anybody verifies; a kept receipt holds against the whole."""
    auditor = ("--deployment", city_with_approval, "--as", "auditor")
    listed = sekisho(*auditor, "--format", "json", "ledger", "list", "--last", "3")
    assert listed.status == 0
    assert [entry["kind"] for entry in listed.document["entries"]][-1] == "decision"
    shown = sekisho(*auditor, "--format", "json", "ledger", "show", "1", "--input")
    assert shown.document["entry"]["input"]["action"] == "approval.request"
    refused = sekisho("--deployment", city_with_approval, "--as", "center", "--hat", "user", "ledger", "list")
    assert refused.status == 3
    receipt = tmp_path / "kept.tlog-proof"
    assert sekisho(*auditor, "ledger", "prove", "1", "--out", receipt).status == 0
    assert receipt.read_text(encoding="utf-8").startswith("c2sp.org/tlog-proof@v1\n")
    verified = sekisho("--deployment", city_with_approval, "--format", "json", "ledger", "verify", "--receipt", receipt)
    assert verified.status == 0
    assert verified.document["verification"]["ok"]


def test_a_tampered_copy_of_the_ledger_fails(city_with_approval: Path, tmp_path: Path) -> None:
    """One changed byte of one entry ends the verification with 1 and names the entry."""
    copy = tmp_path / "copy.sqlite"
    with (
        closing(sqlite3.connect(city_with_approval / "ledger.sqlite")) as source,
        closing(sqlite3.connect(copy)) as target,
    ):
        source.backup(target)
        triggers = target.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'").fetchall()
        for name, _ in triggers:
            target.execute(f"DROP TRIGGER {name}")
        ((body,),) = target.execute("SELECT body FROM entries WHERE idx = 3").fetchall()
        assert b"privacy" in body
        target.execute("UPDATE entries SET body = ? WHERE idx = 3", (body.replace(b"privacy", b"private"),))
        for _, statement in triggers:
            target.execute(statement)
        target.commit()
    ran = sekisho("--deployment", city_with_approval, "--format", "json", "ledger", "verify", "--ledger", copy)
    assert ran.status == 1
    report = ran.document["verification"]
    assert not report["ok"]
    assert report["first_bad_index"] == 3
    whole = sekisho("--deployment", city_with_approval, "--format", "json", "ledger", "verify")
    assert whole.document["verification"]["ok"]


def test_a_rolled_back_ledger_fails_against_a_kept_receipt(city_with_approval: Path, tmp_path: Path) -> None:
    """A file that is yesterday's copy is whole by itself, and is found out by a receipt of today."""
    old = tmp_path / "old.sqlite"
    with closing(sqlite3.connect(city_with_approval / "ledger.sqlite")) as source, closing(sqlite3.connect(old)) as to:
        source.backup(to)
    auditor = ("--deployment", city_with_approval, "--as", "auditor")
    index = sekisho(*auditor, "--format", "json", "ledger", "list", "--last", "1").document["entries"][0]["index"]
    receipt = tmp_path / "kept"
    assert sekisho(*auditor, "ledger", "prove", str(index), "--out", receipt).status == 0
    assert sekisho("--deployment", city_with_approval, "ledger", "verify", "--ledger", old).status == 0
    found = sekisho("--deployment", city_with_approval, "ledger", "verify", "--ledger", old, "--receipt", receipt)
    assert found.status == 1


def test_the_log_is_one_json_line_a_request_without_values(city_with_approval: Path) -> None:
    """The log stands in its file and not on the terminal, one canonical line a query, and holds no pseudonym."""
    file = city_with_approval / "log" / "sekisho.jsonl"
    file.unlink(missing_ok=True)
    ran = sekisho_process(
        "--deployment", city_with_approval, "--as", "center", "--hat", "controller", "--format", "json",
        "query", "run", "--purpose", "young_carer", "--approval", APPROVAL,
    )  # fmt: skip
    lines = file.read_text(encoding="utf-8").splitlines()
    queries = [line for line in map(json.loads, lines) if line["event"] == "query"]
    assert len(queries) == 1
    assert queries[0]["outcome"] == "released"
    assert "event" not in ran.err
    text = "\n".join(lines)
    assert not any(row["resident_id"] in text for row in ran.document["release"]["rows"])


def test_another_date_gives_another_answer(city_with_approval: Path) -> None:
    """--as-of takes 和暦 and moves what is computed for a date; without it the deployment's clock counts."""
    today = asked(city_with_approval, "--approval", APPROVAL)
    era = asked(city_with_approval, "--approval", APPROVAL, "--as-of", "令和5年10月1日")
    before = asked(city_with_approval, "--approval", APPROVAL, "--as-of", "2023-03-31")
    assert today.document["release"]["result_digest"] == era.document["release"]["result_digest"]
    assert before.status in {0, 3}
    if before.status == 0:
        assert before.document["release"]["result_digest"] != today.document["release"]["result_digest"]
    wrong = asked(city_with_approval, "--approval", APPROVAL, "--as-of", "5.10.1")
    assert (wrong.status, wrong.document["error"]["code"]) == (2, "day-era-missing")
    assert date(2023, 10, 1) == BASE_DATE
