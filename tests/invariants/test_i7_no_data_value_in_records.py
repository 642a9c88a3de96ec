"""I7: no data value appears in an error, a log line, a metric or the ledger."""

from __future__ import annotations

import hashlib
import hmac
import io
import json
import re
import shutil
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from governance.approvals import TemplateParameter
from governance.errors import Fault, SekishoError
from governance.log import ALLOWED_KEYS
from query_broker.parse import sql_digest
from query_broker.pipeline import run
from reference.akishima.demo_refusals import query_text
from sekisho import cli
from sekisho.query_documents import explanation_document
from sekisho.terminal import error_document
from tests.city import APPROVAL
from tests.invariants.canaries import (
    ALL,
    CORRUPTIONS,
    KANA,
    NUMBER,
    PLANTED,
    ROMAN,
    TYPED,
    WORD,
    Told,
    corrupted,
    lists,
    plant,
    told,
)
from tests.invariants.identifiers import everybody, occurring
from tests.invariants.watching import Watched, open_watched


@pytest.fixture(scope="module")
def planted(approved_city: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    """A city of its own with canaries in every identifier and every free text, open and under watch."""
    folder = Path(shutil.copytree(approved_city, tmp_path_factory.mktemp("planted") / "demo-city"))
    plant(folder / "departments")
    with open_watched(folder) as opened:
        yield opened


def holding(canaries: Iterable[str], texts: Mapping[str, str | bytes]) -> dict[str, list[str]]:
    """Where which canary is, in any notation; empty where there is none."""
    found = {}
    for name, text in texts.items():
        data = text if isinstance(text, bytes) else text.encode()
        seen = [
            c for c in canaries if any(n in data for n in (c.encode(), c.encode("cp932"), json.dumps(c)[1:-1].encode()))
        ]
        if seen:
            found[name] = seen
    return found


def attempt(ask: Callable[[], object]) -> Told | None:
    """What a refusal tells, ``None`` where there was none."""
    try:
        ask()
    except SekishoError as error:
        documents = [json.dumps(error_document(error, lang=lang), ensure_ascii=False) for lang in ("ja", "en")]  # type: ignore[arg-type]
        seen = told(error)
        return Told(code=seen.code, text="\n".join([seen.text, *documents]))
    return None


def test_the_canaries_are_planted_and_would_be_found(planted: Watched) -> None:
    """Every source holds its canaries, and the search sees them; else nothing below says anything."""
    folder = planted.folder / "departments"
    register = (folder / "shimin" / "shimin.sqlite").read_bytes()
    assert holding(PLANTED, {"register": register}) == {"register": [WORD, KANA, ROMAN, NUMBER]}
    assert holding([NUMBER], {"care": (folder / "kaigo" / "kaigo.duckdb").read_bytes()})
    assert len(lists(folder)) > 20
    for path in lists(folder):
        assert holding([WORD, NUMBER], {"file": path.read_bytes()}), path.name
    assert holding([WORD], {"center": (folder / "center" / "center.sqlite").read_bytes()})
    assert holding([NUMBER], {"allowance": (folder / "kosodate" / "kosodate.sqlite").read_bytes()})
    (health,) = folder.glob("kenko/*.parquet")
    assert all(str(number).startswith(NUMBER) for number in pq.read_table(health).column("health_no").to_pylist())
    assert holding([WORD], {"json": json.dumps(WORD)})


def test_answers_tell_nothing_of_the_sources(
    planted: Watched, log: io.StringIO, capfd: pytest.CaptureFixture[str]
) -> None:
    """After an approved query and a statistic, no canary and no number of anybody is in a release, a stream or a record."""
    releases = [planted.ask(), planted.ask(purpose="stat", sql=query_text("stat_by_grade"))]
    out, err = capfd.readouterr()
    places: dict[str, str | bytes] = {**planted.records(), "log": log.getvalue(), "out": out, "err": err}
    places |= {f"release {n}": repr(release) + repr(release.table.to_pylist()) for n, release in enumerate(releases)}
    places |= {f"stream {n}": served.sent for n, served in enumerate(planted.watch.served)}
    assert log.getvalue().count('"outcome": "released"') == 2
    assert holding(ALL, places) == {}
    numbers = {
        kind: values
        for kind, values in everybody(planted.folder / "departments").items()
        if kind in ("resident number", "household number", "dwelling key", "pupil number")
    }
    assert occurring(numbers, {name: p if isinstance(p, bytes) else p.encode() for name, p in places.items()}) == {}


_STAT = {"purpose": "stat"}
TYPED_IN: Mapping[str, dict[str, Any]] = {
    "a literal": {**_STAT, "sql": f"SELECT c.grade, count(*) AS n FROM shimin.child c WHERE c.town_code = '{WORD}' GROUP BY c.grade"},
    "a literal number": {**_STAT, "sql": f"SELECT c.grade, count(*) AS n FROM shimin.child c WHERE c.hh_size < {NUMBER} GROUP BY c.grade"},
    "a comment": {**_STAT, "sql": f"SELECT c.grade, count(*) AS n FROM shimin.child c GROUP BY c.grade -- {WORD}"},
    "an alias of a column": {**_STAT, "sql": f"SELECT c.grade AS {TYPED}, count(*) AS n FROM shimin.child c GROUP BY c.grade"},
    "an alias of a table": {**_STAT, "sql": f"SELECT {TYPED}.grade, count(*) AS n FROM shimin.child {TYPED} GROUP BY {TYPED}.grade"},
    "a name of a CTE": {**_STAT, "sql": f"WITH {TYPED} AS (SELECT grade FROM shimin.child) SELECT grade, count(*) AS n FROM {TYPED} GROUP BY grade"},
    "a quoted alias": {**_STAT, "sql": f'SELECT c.grade AS "{WORD}", count(*) AS n FROM shimin.child c GROUP BY c.grade'},
    "a literal of another type": {**_STAT, "sql": f"SELECT c.grade, count(*) AS n FROM shimin.child c WHERE c.grade = '{WORD}' GROUP BY c.grade"},
    "an unknown column": {**_STAT, "sql": f"SELECT c.{TYPED} FROM shimin.child c"},
    "an unknown table": {**_STAT, "sql": f"SELECT c.grade FROM shimin.{TYPED} c"},
    "an unknown department": {**_STAT, "sql": f"SELECT c.grade FROM {TYPED}.child c"},
    "an unknown function": {**_STAT, "sql": f"SELECT {TYPED}(c.grade) FROM shimin.child c"},
    "an unknown parameter": {**_STAT, "sql": f"SELECT c.grade FROM shimin.child c WHERE c.grade = ${TYPED}"},
    "a literal put out": {**_STAT, "sql": f"SELECT '{WORD}' AS x, count(*) AS n FROM shimin.child c GROUP BY c.grade"},
    "a cast": {**_STAT, "sql": f"SELECT CAST('{WORD}' AS INTEGER) AS x FROM shimin.child c"},
    "a file": {**_STAT, "sql": f"SELECT * FROM '{TYPED}.csv'"},
    "broken text": {**_STAT, "sql": f"SELECT '{WORD}' FROM nowhere WHERE ((("},
    "no statement": {**_STAT, "sql": f"{WORD}"},
    "two statements": {**_STAT, "sql": f"SELECT 1; DROP TABLE {TYPED}"},
    "a purpose": {"purpose": TYPED},
    "a hat": {"hat": TYPED},
    "a recipient": {"recipient": TYPED},
    "an approval": {"approval": WORD},
    "a parameter's name": {"parameters": {TYPED: 1}},
    "a parameter's value": {"parameters": {"late_threshold": WORD}},
    "a denied query's literal": {"sql": f"SELECT c.resident_id FROM shimin.child c JOIN shimin.resident r USING (resident_id) WHERE r.name_kanji = '{WORD}'"},
    "a denied query's alias": {"sql": f"SELECT c.resident_id, r.name_kanji AS {TYPED} FROM shimin.child c JOIN shimin.resident r USING (resident_id)"},
}  # fmt: skip


@pytest.mark.parametrize("where", sorted(TYPED_IN))
def test_what_somebody_typed_is_in_no_record(
    planted: Watched, log: io.StringIO, capfd: pytest.CaptureFixture[str], where: str
) -> None:
    """Wherever a name or a value is typed in, answered or refused, neither the error nor the log nor the ledger with its
    sidecars repeats it.
    """
    size = planted.broker.ledger.size
    error = attempt(lambda: planted.ask(**TYPED_IN[where]))
    out, err = capfd.readouterr()
    assert planted.broker.ledger.size > size
    records = {**planted.records(), "log": log.getvalue(), "out": out, "err": err}
    assert log.getvalue()
    assert holding(ALL, {**records, "error": error.text if error else ""}) == {}


def test_words_for_people_hold_no_typed_names_and_no_values(planted: Watched) -> None:
    """What is neither SQL nor a request is refused by its kind, in both languages, without repeating it."""
    for wrong in ({"purpose": WORD}, {"hat": WORD}, {"recipient": f"{TYPED} x"}, {"sql": "SELECT 1", "approval": WORD}):
        error = attempt(lambda wrong=wrong: planted.ask(**wrong))  # type: ignore[misc]
        assert error is not None
        assert holding(ALL, {"error": error.text}) == {}


@pytest.mark.parametrize("personal", [True, False])
def test_the_value_of_a_parameter_is_in_no_record(planted: Watched, log: io.StringIO, *, personal: bool) -> None:
    """A text that is bound as a parameter runs, and neither it nor a plain digest of it is kept, declared or not."""
    declared = {"word": TemplateParameter(name="word", type="text", personal=personal, label_ja="語", label_en="word")}
    sql = "SELECT c.grade, count(*) AS n FROM shimin.child c WHERE c.town_code <> $word GROUP BY c.grade"
    question = replace(planted.prepared(purpose="stat", sql=sql), declared=declared, parameters={"word": WORD})
    assert run(question, planted.parts).rows > 0
    records = {**planted.records(), "log": log.getvalue()}
    assert holding([WORD, hashlib.sha256(WORD.encode()).hexdigest()], records) == {}


@pytest.mark.parametrize("name", sorted(CORRUPTIONS))
def test_a_broken_source_does_not_tell_its_values(
    planted: Watched, log: io.StringIO, capfd: pytest.CaptureFixture[str], tmp_path: Path, name: str
) -> None:
    """A date that is none, an unknown code, a malformed key, a row too long: refused by file, column and row, and the
    value that was tripped over is in no error, log, ledger, output or explanation.
    """
    with corrupted(planted.folder / "departments", name, tmp_path / "kept"):
        error = attempt(planted.ask)
        explained = attempt(lambda: planted.broker.explain(planted.request()))
    out, err = capfd.readouterr()
    assert error is not None
    records = {**planted.records(), "log": log.getvalue(), "out": out, "err": err, "error": error.text}
    assert holding(ALL, {**records, "explained": explained.text if explained else ""}) == {}
    refusal = planted.last_entry()
    assert (refusal["kind"], refusal["code"]) == ("refusal", error.code)
    assert planted.ask().rows > 0


def test_a_foreign_exception_becomes_a_fault_without_its_words(planted: Watched, log: io.StringIO) -> None:
    """Whatever a part raises with a value in its text, what comes out is an incident and no word of it."""

    def trip(_order: object, _evidence: object) -> None:
        raise ValueError(f"could not convert {WORD} of {TYPED}")

    planted.watch.on_scan = trip
    try:
        with pytest.raises(Fault) as caught:
            planted.ask()
    finally:
        planted.watch.on_scan = None
    seen = told(caught.value)
    incident = str(caught.value.params["incident"])
    assert re.fullmatch("[0-9a-f]{12}", incident)
    assert incident in log.getvalue()
    assert incident in planted.last_entry().values()
    assert holding(ALL, {**planted.records(), "log": log.getvalue(), "error": seen.text}) == {}


def test_an_explanation_tells_nothing_of_the_sources(planted: Watched) -> None:
    """Facts, decision, SQL, orders and bounds of what would run, and not one value of a source; of what would be
    refused not even what was typed, but for the names of its own columns.
    """
    for request in ({}, {"purpose": "stat", "sql": query_text("stat_by_grade")}, {"sql": query_text("with_name")}):
        explanation = planted.broker.explain(planted.request(**request))
        document = explanation_document(
            explanation, planted.deployment.guideline, planted.deployment.catalogue, lang="ja"
        )
        text = json.dumps(document, ensure_ascii=False, default=str)
        assert "shimin.child" in text
        assert holding(ALL, {"explanation": text + repr(explanation)}) == {}
    refused = planted.broker.explain(planted.request(**TYPED_IN["a denied query's literal"]))
    document = explanation_document(refused, planted.deployment.guideline, planted.deployment.catalogue, lang="en")
    assert document["decision"]["allow"] is False
    assert holding(ALL, {"explanation": json.dumps(document, ensure_ascii=False)}) == {}


# --- digests ----------------------------------------------------------------------------------------------------------


def test_literals_stand_in_the_ledger_as_keyed_digests_only(planted: Watched) -> None:
    """The digest of a text is under the deployment's key: whoever reads the ledger and guesses the text cannot tell."""
    sql = TYPED_IN["a literal"]["sql"]
    release = planted.ask(**TYPED_IN["a literal"])
    entry = planted.broker.ledger.entry(release.decision_index).document
    key, catalogue = planted.deployment.digest_key, planted.deployment.catalogue
    assert entry["sql_digest"] == sql_digest(sql, declared={}, catalogue=catalogue, key=key)
    assert entry["sql_digest"] != sql_digest(sql, declared={}, catalogue=catalogue, key=bytes(32))
    plan = planted.broker.explain(planted.request(**TYPED_IN["a literal"])).plan
    assert plan is not None
    assert entry["final_sql_digest"] == hmac.digest(key, plan.sql.encode(), "sha256").hex()
    guesses = [
        sql,
        sql.strip(),
        plan.sql,
        WORD,
        json.dumps([s.order.to_json() for s in plan.scans], ensure_ascii=False),
    ]
    guesses += [json.dumps(scan.order.predicates.to_json(), ensure_ascii=False) for scan in plan.scans]
    assert WORD in plan.sql
    plain = [hashlib.new(name, text.encode()).hexdigest() for text in guesses for name in ("sha256", "sha1", "md5")]
    assert holding(plain, planted.records()) == {}


def test_what_hides_the_literals_of_an_order_is_not_kept(planted: Watched, log: io.StringIO) -> None:
    """The digest of an order is under a random nonce that goes to the departments alone: it is in no record, and the
    same question asked twice leaves two digests.
    """
    releases = [planted.served_by(lambda: planted.ask(**TYPED_IN["a literal"])) for _ in range(2)]
    entries = [planted.broker.ledger.entry(release.decision_index).document for release, _ in releases]
    orders = [entry["scans"]["s1"]["order"] for entry in entries]
    assert orders[0] != orders[1]
    assert releases[0][1][0].order == releases[1][1][0].order
    nonces = [served.evidence.nonce for _, scans in releases for served in scans]
    assert all(len(nonce) == 32 for nonce in nonces)
    assert holding(nonces, {**planted.records(), "log": log.getvalue()}) == {}


# --- through the command ----------------------------------------------------------------------------------------------


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


def test_nothing_that_the_command_says_or_keeps_holds_a_value(
    planted: Watched, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Whatever is handed to the command where a name belongs: its text for people, its JSON in either language, its log
    and its records stay without it, and without any canary of the sources.
    """
    (tmp_path / "broken.sql").write_text(f"SELECT '{WORD}' FROM {TYPED} WHERE", "utf-8")
    (tmp_path / "denied.sql").write_text(TYPED_IN["a denied query's literal"]["sql"], "utf-8")
    (tmp_path / "bytes.sql").write_bytes(f"SELECT '{WORD}'".encode("cp932"))
    asked = ["--as", "center", "--hat", "controller", "query", "run", "--purpose"]
    runs = [
        ["--lang", "ja", *asked, "young_carer", "--approval", APPROVAL, "--out", str(tmp_path / "out.csv")],
        ["--format", "json", "--lang", "ja", *asked, "young_carer", "--sql-file", str(tmp_path / "denied.sql")],
        ["--format", "json", "--lang", "en", *asked, "stat", "--sql-file", str(tmp_path / "broken.sql")],
        ["--lang", "ja", *asked, "stat", "--sql-file", str(tmp_path / "bytes.sql")],
        ["--lang", "en", *asked, WORD, "--approval", APPROVAL],
        ["--lang", "ja", *asked, "young_carer", "--approval", WORD],
        ["--lang", "en", *asked, "young_carer", "--approval", APPROVAL, "--param", f"{TYPED}={WORD}"],
        ["--lang", "ja", "--as", "privacy", "approval", "show", WORD],
        ["--lang", "en", "--as", WORD, "ledger", "list"],
        ["--lang", "ja", "--as-of", WORD, *asked, "young_carer", "--approval", APPROVAL],
        ["--lang", "en", "--as", "auditor", "ledger", "list"],
    ]
    statuses, texts = [], {}
    for number, arguments in enumerate(runs):
        statuses.append(cli.run(["--deployment", str(planted.folder), *arguments]))
        texts[f"run {number}"] = "".join(capfd.readouterr())
    assert set(statuses) == {0, 2, 3}
    assert all(texts.values())
    recorded = everything_recorded(planted.folder)
    assert "young_carer" in recorded
    assert holding(ALL, {**texts, "recorded": recorded}) == {}


def test_the_log_takes_no_key_that_could_hold_a_value() -> None:
    """The keys of the log are a list on which nothing stands that would name a value, a row or a text."""
    assert not ALLOWED_KEYS & {"value", "row", "sql", "message", "error", "param", "parameters", "literal", "text"}
