"""The guideline's marks of unusual use, at their edges; and the auditor's command."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from audit.entry import Entry
from sekisho import cli
from sekisho.unusual_use import unusual_use
from tests.audit.samples import decision, denial, release

MARKS: dict[str, Any] = {
    "office_hours": {"from": "08:30", "to": "17:15"},
    "queries_per_day": 3,
    "same_query_per_day": 2,
    "denials_per_day": 1,
}


def found(*documents: dict[str, Any], marks: dict[str, Any]) -> list[tuple[str, str | None, int, int]]:
    """What is found in a ledger of these entries."""
    entries = [Entry(index=i, body=b"", document=d) for i, d in enumerate(documents)]
    return [(f.mark, f.principal, f.count, f.first) for f in unusual_use(entries, marks)]


@pytest.mark.parametrize(
    ("time", "outside"),
    [
        ("2023-10-02T08:29:59+09:00", True),
        ("2023-10-02T08:30:00+09:00", False),
        ("2023-10-02T17:14:59+09:00", False),
        ("2023-10-02T17:15:00+09:00", True),
        ("2023-10-01T10:00:00+09:00", True),
    ],
)
def test_office_hours_are_weekdays_from_one_time_to_another(time: str, outside: bool) -> None:
    """The first moment belongs to them, the last does not; 1 October 2023 was a Sunday."""
    marks = {"office_hours": MARKS["office_hours"]}
    assert bool(found(decision(1, time=time), marks=marks)) == outside


def test_a_mark_is_borne_by_more_than_its_number_on_one_day_by_one_account() -> None:
    """Three are not many where three are usual; other days, other accounts and outcomes do not count with them."""
    marks = {"queries_per_day": MARKS["queries_per_day"]}
    three = [decision(n) for n in range(3)]
    others = [decision(7, principal="center2"), decision(8, time="2023-10-02T09:00:00+09:00"), release(0, decided=0)]
    assert found(*three, *others, marks=marks) == []
    assert found(*three, *others, decision(9), marks=marks) == [("queries_per_day", "center", 4, 0)]


def test_the_same_query_again_and_refusals_are_marks_of_their_own() -> None:
    """Different queries are not a repeated one; refusals count whatever was asked, and without a valid token, too."""
    same = {"same_query_per_day": MARKS["same_query_per_day"]}
    assert found(*(decision(n, sql_digest=f"{n:064x}") for n in range(3)), marks=same) == []
    assert found(*(decision(n) for n in range(3)), marks=same) == [("same_query_per_day", "center", 3, 0)]
    refused = {"denials_per_day": MARKS["denials_per_day"]}
    assert found(denial(1), decision(2), marks=refused) == []
    nobody = [denial(n, principal=None, action="approval.read", sql_digest=None) for n in range(2)]
    assert found(*nobody, marks=refused) == [("denials_per_day", None, 2, 0)]


def test_the_auditor_reviews_and_nobody_else(
    city_with_approval: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Refused attempts are shown, on a sheet too; an account that may not read the ledger is refused."""
    review = ["--deployment", str(city_with_approval), "--format", "json", "ledger", "review"]
    for _ in range(6):
        assert cli.run(["--as", "vendor-a", *review]) == 3
    capsys.readouterr()
    sheet = tmp_path / "review.xlsx"
    assert cli.run(["--as", "auditor", *review, "--out", str(sheet)]) == 0
    shown = json.loads(capsys.readouterr().out)["unusual"]
    counts = {f["mark"]: f["count"] for f in shown if f["principal"] == "vendor-a"}
    assert counts["denials_per_day"] >= 6
    assert sheet.read_bytes().startswith(b"PK")
    capsys.readouterr()
    assert cli.run(["--as", "auditor", *review, "--out", str(tmp_path / "review.csv")]) == 2
    assert json.loads(capsys.readouterr().out)["error"]["code"] == "review-file-kind"
