"""Whatever is broken ends in one clear message with the right exit status: no traceback, no value, and what to do."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from sekisho.deployment import Deployment
from sekisho.identity import TokenIssuer, load_signing_key, new_signing_key
from tests.city import APPROVAL
from tests.e2e.commands import ROOT, Ran, sekisho


def run(folder: Path, *arguments: str | Path) -> Ran:
    """``sekisho --format json …`` on a deployment."""
    return sekisho("--format", "json", "--deployment", folder, *arguments)


QUERY = ("--as", "center", "--hat", "controller", "query", "run", "--purpose", "young_carer")
APPROVED = (*QUERY, "--approval", APPROVAL)


def edit(path: Path, old: str, new: str, *, encoding: str = "utf-8") -> None:
    text = path.read_bytes().decode(encoding)
    assert old in text
    path.write_bytes(text.replace(old, new, 1).encode(encoding))


def pupil_file(folder: Path) -> Path:
    return folder / "departments/kyoiku/gakurei_2023.csv"


def attendance_file(folder: Path) -> Path:
    return min((folder / "departments/school/attendance").glob("*.csv"))


def spell_out_the_days(folder: Path) -> None:
    """In the first row of an attendance file, the school days in words."""
    path = attendance_file(folder)
    heading, row, *rest = path.read_bytes().decode("cp932").splitlines()
    cells = row.split(",")
    cells[heading.split(",").index("授業日数")] = "十七"
    path.write_bytes("\r\n".join([heading, ",".join(cells), *rest, ""]).encode("cp932"))


def first_birth_date(folder: Path) -> str:
    heading, row, *_ = pupil_file(folder).read_bytes().decode("cp932").splitlines()
    return row.split(",")[heading.split(",").index("生年月日")]


DEPLOYMENT_FAULTS: dict[str, tuple[Callable[[Path], object], str, str]] = {
    "catalogue-yaml": (
        lambda d: (d / "catalogue/kaigo.yaml").write_text("a: [", encoding="utf-8"), "yaml-syntax", "kaigo.yaml"
    ),
    "catalogue-field": (
        lambda d: edit(d / "catalogue/kaigo.yaml", "steward:", "stewrd:"), "schema-", "kaigo.yaml"
    ),
    "article-without-front-matter": (
        lambda d: (d / "guideline/articles/art08.md").write_text("第8条\n", encoding="utf-8"), "article-", "art08.md"
    ),
    "article-encoding": (
        lambda d: (d / "guideline/articles/art08.md").write_bytes("第8条".encode("cp932")), "file-encoding", "art08.md"
    ),
    "table-date": (
        lambda d: edit(d / "guideline/tables/purposes.yaml", "2024-03-31", "2024-02-31"), "date-not-in-calendar",
        "purposes.yaml",
    ),
    "template-without-front-matter": (
        lambda d: edit(d / "templates/yc-late-months.sql", "/* ---", "--"), "template-front-matter", "yc-late-months.sql"
    ),
    "principals-type": (
        lambda d: edit(d / "principals.yaml", "oath: true", "oath: signed"), "schema-wrong-type", "principals.yaml"
    ),
    "settings-missing": (lambda d: (d / "deployment.yaml").unlink(), "file-missing", "deployment.yaml"),
    "settings-production": (
        lambda d: edit(d / "deployment.yaml", "production: false", "production: true"), "settings-production-demo",
        "deployment.yaml",
    ),
    "issuer-key-open": (lambda d: (d / "keys/issuer.pem").chmod(0o644), "key-file-open", "issuer.pem"),
    "ledger-key-open": (lambda d: (d / "keys/ledger.key").chmod(0o644), "ledger-key-open", "ledger.key"),
    "ledger-key-missing": (lambda d: (d / "keys/ledger.key").unlink(), "ledger-key-missing", "ledger.key"),
    "master-open": (lambda d: (d / "departments/.master.key").chmod(0o644), "mask-", ".master.key"),
    "store-missing": (lambda d: (d / "store.sqlite").unlink(), "file-missing", "store.sqlite"),
}  # fmt: skip


@pytest.mark.parametrize("fault", DEPLOYMENT_FAULTS)
def test_a_broken_deployment_is_named_by_file(city_with_approval: Path, fault: str) -> None:
    """A deployment that cannot be read ends with 2, names the file and the remedy, and answers nothing."""
    spoil, code, file = DEPLOYMENT_FAULTS[fault]
    spoil(city_with_approval)
    outcome = run(city_with_approval, *APPROVED)
    assert outcome.status == 2, outcome.err
    assert str(outcome.error["code"]).startswith(code)
    assert file in str(outcome.error["text"])
    assert outcome.error["remedy"]
    assert "Traceback" not in outcome.err
    assert outcome.err.count(f"[{outcome.error['code']}]") == 1


def test_a_broken_deployment_fails_its_check(city_with_approval: Path) -> None:
    """``sekisho check`` ends with 1 and says what is wrong where."""
    edit(city_with_approval / "catalogue/kaigo.yaml", "steward:", "stewrd:")
    outcome = run(city_with_approval, "check")
    assert outcome.status == 1
    parts = json.loads(outcome.out)["check"]["parts"]
    (fault,) = [fault for part in parts for fault in part["faults"]]
    assert fault["file"].endswith("kaigo.yaml")
    assert fault["line"] > 0


SOURCE_FAULTS: dict[str, tuple[Callable[[Path], object], int, str, str]] = {
    "era-without-end": (
        lambda d: edit(pupil_file(d), first_birth_date(d), "平成27年13月40日", encoding="cp932"),
        2, "value-date-impossible", "gakurei_2023.csv",
    ),
    "no-date": (
        lambda d: edit(pupil_file(d), first_birth_date(d), "山田太郎", encoding="cp932"),
        2, "value-date-notation", "gakurei_2023.csv",
    ),
    "era-missing": (
        lambda d: edit(pupil_file(d), first_birth_date(d), "27.4.1", encoding="cp932"),
        2, "value-date-era-missing", "gakurei_2023.csv",
    ),
    "era-wrong": (
        lambda d: edit(pupil_file(d), first_birth_date(d), "平成45年4月1日", encoding="cp932"),
        2, "value-date-era-range", "gakurei_2023.csv",
    ),
    "encoding": (
        lambda d: pupil_file(d).write_bytes(pupil_file(d).read_bytes().decode("cp932").encode("utf-8")),
        2, "source-", "gakurei_2023.csv",
    ),
    "number": (spell_out_the_days, 2, "value-integer-notation", ".csv"),
    "missing-file": (lambda d: (d / "departments/kaigo/kaigo.duckdb").unlink(), 4, "source-missing", "kaigo.duckdb"),
    "damaged-file": (
        lambda d: (d / "departments/kaigo/kaigo.duckdb").write_bytes(b"x" * 5000), 2, "source-damaged", "kaigo.duckdb",
    ),
    "extract-missing": (
        lambda d: (d / "departments/kaigo/extract.yaml").unlink(), 4, "extract-missing", "extract.yaml",
    ),
}  # fmt: skip


@pytest.mark.parametrize("fault", SOURCE_FAULTS)
def test_a_broken_source_is_named_by_file_and_never_by_value(city_with_approval: Path, fault: str) -> None:
    """A department's broken extract ends the query with its file and row, without the value, and releases nothing."""
    spoil, status, code, file = SOURCE_FAULTS[fault]
    spoil(city_with_approval)
    outcome = run(city_with_approval, *APPROVED)
    assert (outcome.status, str(outcome.error["code"])[: len(code)]) == (status, code), outcome.err
    assert file in str(outcome.error["text"])
    log = (city_with_approval / "log/sekisho.jsonl").read_text(encoding="utf-8")
    for text in (outcome.out, outcome.err, log):
        assert "山田太郎" not in text
        assert "十七" not in text
        assert "Traceback" not in text
    checked = run(city_with_approval, "check")
    assert checked.status == 1


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (None, "file-missing"),
        ("SELECT '昭島'".encode("cp932"), "file-encoding"),
        (b"SELECT 1;" * 600_000, "file-too-large"),
        (b"SELECT c.grade FROM shimin.child c; DROP TABLE x", "sql-"),
        (b"SELECT c.grade FROM read_csv('departments/.master.key') c", "sql-"),
        (b"SELECT " + b"(" * 3000 + b"1" + b")" * 3000, "sql-"),
        (b"", "sql-"),
    ],
    ids=["missing", "encoding", "size", "two-statements", "function", "depth", "empty"],
)
def test_a_bad_query_file_is_bad_input(approved_city: Path, tmp_path: Path, data: bytes | None, code: str) -> None:
    """A query file that is missing, unreadable or outside what may be asked ends with 2."""
    file = tmp_path / "query.sql"
    if data is not None:
        file.write_bytes(data)
    outcome = run(approved_city, *QUERY, "--sql-file", file)
    assert outcome.status == 2, outcome.err
    assert str(outcome.error["code"]).startswith(code)


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ((*QUERY,), "query-approval-or-sql"),
        ((*APPROVED, "--param", "name=山田太郎"), "parameter-unknown"),
        ((*APPROVED, "--param", "山田太郎"), "parameter-assignment"),
        ((*APPROVED, "--as-of", "5.10.1"), "day-era-missing"),
        ((*APPROVED, "--as-of", "令和5年2月30日"), "day-notation"),
        (("--as", "山田太郎", *APPROVED[2:]), "principal-name"),
        ((*APPROVED[:-4], "--purpose", "山田太郎", "--approval", APPROVAL), "query-name"),
        (("--as", "privacy", "approval", "show", "山田太郎"), "approval-unknown"),
        (("--as", "center", "--hat", "controller", "approval", "request", "--template", "山田太郎"), "template-unknown"),
        (("--as", "auditor", "ledger", "show", "99999"), "ledger-index-unknown"),
        ((*APPROVED, "--out", "x.csv"), "output-format-needed"),
        (("ledger", "verify", "--receipt", "nowhere"), "file-missing"),
    ],
)  # fmt: skip
def test_bad_arguments_are_bad_input(approved_city: Path, arguments: tuple[str, ...], code: str) -> None:
    """What was typed wrong ends with 2 and its own code, and is not repeated."""
    outcome = run(approved_city, *arguments)
    assert (outcome.status, outcome.error["code"]) == (2, code), outcome.err
    assert "山田太郎" not in outcome.out + outcome.err


def test_a_missing_ledger_releases_nothing(city_with_approval: Path) -> None:
    """Without its ledger a deployment answers nothing, and says that it is unavailable."""
    (city_with_approval / "ledger.sqlite").unlink()
    assert run(city_with_approval, *APPROVED).status == 4
    assert run(city_with_approval, "ledger", "verify").status == 4


def test_a_damaged_ledger_is_a_fault_found(city_with_approval: Path) -> None:
    """A ledger file of other bytes fails verification with 1."""
    (city_with_approval / "ledger.sqlite").write_bytes(b"x" * 8192)
    assert run(city_with_approval, "ledger", "verify").status == 1


def forged(folder: Path) -> str:
    deployment = Deployment.load(folder)
    key = load_signing_key(new_signing_key(), file="k")
    issuer = TokenIssuer(name=deployment.issuer.name, key=key, lifetime=timedelta(hours=1))
    return issuer.issue(deployment.principals["center"], now=deployment.clock())


def expired(folder: Path) -> str:
    deployment = Deployment.load(folder)
    return deployment.issuer.issue(deployment.principals["center"], now=deployment.clock() - timedelta(days=2))


@pytest.mark.parametrize(
    ("token", "hint"),
    [
        (forged, "確かめられません"),
        (expired, "有効期限"),
        (lambda _: "nonsense", "確かめられません"),
        (lambda _: "", "ありません"),
    ],
    ids=["forged", "expired", "nonsense", "empty"],
)
def test_a_token_that_does_not_verify_is_denied_and_recorded(
    city_with_approval: Path, token: Callable[[Path], str], hint: str
) -> None:
    """Without a valid token the policy refuses under article 20, the ledger records it, and the person is told why."""
    (city_with_approval / "tokens/center.jwt").write_text(token(city_with_approval))
    outcome = run(city_with_approval, *APPROVED)
    assert outcome.status == 3
    assert 20 in outcome.error["articles"]  # type: ignore[operator]
    assert hint in outcome.err
    listed = run(city_with_approval, "--as", "auditor", "ledger", "list", "--last", "2")
    denied, _ = json.loads(listed.out)["entries"]
    assert (denied["principal"], denied["allow"]) == (None, False)


def test_a_log_that_cannot_be_written_stops_at_once(city_with_approval: Path) -> None:
    """Where the log cannot be written a command says so, and does nothing."""
    log = city_with_approval / "log"
    log.mkdir(exist_ok=True)
    (log / "sekisho.jsonl").unlink(missing_ok=True)
    (log / "sekisho.jsonl").mkdir()
    outcome = run(city_with_approval, *APPROVED)
    assert (outcome.status, outcome.error["code"]) == (2, "file-unwritable")


def test_a_fault_of_ours_leaves_an_incident_and_no_value(
    city_with_approval: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An exception that nobody expected ends with 5; type and places go to the log, its message goes nowhere."""

    def fails(_: int | None = None) -> str:
        raise RuntimeError("山田太郎")

    monkeypatch.setattr("secrets.token_hex", fails)
    outcome = run(city_with_approval, *APPROVED)
    assert (outcome.status, outcome.error["code"]) == (5, "internal-fault")
    *_, line = (city_with_approval / "log/sekisho.jsonl").read_text(encoding="utf-8").splitlines()
    record = json.loads(line)
    assert record["incident"] in str(outcome.error["text"])
    assert record["exception_type"] == "RuntimeError"
    assert "sekisho/broker.py:" in record["reason"]
    assert "山田太郎" not in outcome.out + outcome.err + line


def test_a_reader_that_goes_away_is_no_fault(approved_city: Path) -> None:
    """`sekisho … | head -1` ends quietly."""
    command = f"{sys.executable} -m sekisho --deployment {approved_city} --as auditor ledger show 3 | head -1"
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", command], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.stdout == "{\n"
    assert "Traceback" not in done.stderr
    assert "internal-fault" not in done.stderr
