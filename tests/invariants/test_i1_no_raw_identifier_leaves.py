"""I1: a raw identifier leaves a department only where a decision granted that column raw for that purpose."""

from __future__ import annotations

import ast
import base64
import hashlib
import hmac
import io
import json
import secrets
import subprocess
import sys
import tomllib
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest

from audit.entry import parse_entry
from connectors.evidence import Evidence
from governance.catalogue import Catalogue
from governance.conditions import ALWAYS, FieldCondition
from governance.errors import BadInput, CheckFailed
from governance.forms import Form, form_type
from governance.load_catalogue import load_catalogue
from governance.scans import ScanColumn, ScanOrder, order_digest
from masking.keys import KeyRing
from policies.ask import ask as ask_policy
from query_broker.release import Release
from reference.akishima.demo_refusals import query_text
from sekisho.departments import local_departments
from sekisho.query_documents import release_document
from tests.conftest import ROOT
from tests.invariants.identifiers import everybody, occurring
from tests.invariants.watching import Served, Watched, arrow_bytes

CATALOGUE = load_catalogue(ROOT / "reference" / "akishima" / "catalogue")
PSEUDONYM = Form(kind="pseudonym")
RAW = Form(kind="raw")

Answered = tuple[Release, tuple[Served, ...]]


@pytest.fixture(scope="module")
def identifiers(city: Path) -> Mapping[str, frozenset[str]]:
    """Every identifier of everybody in the city."""
    return everybody(city / "departments")


@pytest.fixture(scope="module")
def answered(watched: Watched) -> Mapping[str, Answered]:
    """The approved query and the statistic, each with the streams that it was made from."""
    return {
        "approved": watched.served_by(watched.ask),
        "statistic": watched.served_by(lambda: watched.ask(purpose="stat", sql=query_text("stat_by_grade"))),
    }


def streams(answered: Mapping[str, Answered]) -> list[Served]:
    """All streams of all answers."""
    return [served for _, scans in answered.values() for served in scans]


def test_the_search_finds_what_is_there(city: Path, identifiers: Mapping[str, frozenset[str]]) -> None:
    """The sources hold identifiers of every kind, and the search below would see each of them."""
    register = (city / "departments" / "shimin" / "shimin.sqlite").read_bytes()
    assert all(len(values) > 30 for values in identifiers.values())
    assert set(occurring(identifiers, {"register": register})) >= set(identifiers) - {"pupil number", "insured number"}
    assert occurring({"name": frozenset({"大塚　淳"})}, {"json": json.dumps({"x": "大塚　淳"}).encode()}) != {}


def test_no_identifier_of_anybody_is_in_a_stream_a_release_or_a_record(
    watched: Watched, identifiers: Mapping[str, frozenset[str]], log: io.StringIO
) -> None:
    """After an approved query, a statistic and a refusal: nobody's number, name, kana, address, birth date, household,
    pupil or My Number stands in what the departments sent, in what was released, or in anything the broker keeps.
    """
    answers = {
        "approved": watched.served_by(watched.ask),
        "statistic": watched.served_by(lambda: watched.ask(purpose="stat", sql=query_text("stat_by_grade"))),
    }
    for name in ("with_name", "with_my_number", "adult_row"):
        watched.broker.explain(watched.request(sql=query_text(name)))
    places = {**watched.records(), "log": log.getvalue().encode()}
    for name, (release, scans) in answers.items():
        places[f"release {name}"] = arrow_bytes(release.table)
        places[f"document {name}"] = json.dumps(release_document(release), default=str, ensure_ascii=False).encode()
        places[f"receipt {name}"] = release.receipt.text.encode() + release.receipt.entry
        places |= {f"{name} {s.department} {s.order.dataset}": s.sent for s in scans}
    assert len(places) > 12
    assert all(places.values())
    # The days of the extracts stand in the decision's input, and somebody may be born on one of them.
    extracts = {
        d.as_of(n).isoformat()
        for d in watched.parts.departments.values()
        for n in watched.deployment.catalogue.datasets
        if n.startswith(f"{d.id}.")
    }
    wanted = {**identifiers, "birth date": identifiers["birth date"] - extracts}
    assert occurring(wanted, places) == {}


def test_streams_carry_pseudonyms_flags_and_small_numbers_only(answered: Mapping[str, Answered]) -> None:
    """No stream has a text or a date, and no number in it is large enough to be anybody's number."""
    for served in streams(answered):
        for field in served.table.schema:
            assert field.type in (pa.uuid(), pa.bool_(), pa.int64()), (served.order.dataset, field.name)
            if field.type == pa.int64():
                values = [v for v in served.table.column(field.name).to_pylist() if v is not None]
                assert values
                assert max(values) <= 31
    assert sum(served.table.num_rows for served in streams(answered)) > 500


def test_only_keys_leave_as_pseudonyms_and_all_keys_do(answered: Mapping[str, Answered]) -> None:
    """Whatever the catalogue calls a key left as a pseudonym, and nothing that it calls an identifier left at all."""
    for served in streams(answered):
        columns = CATALOGUE.dataset(served.order.dataset).columns
        for scanned in served.order.columns:
            assert columns[scanned.column].column_class not in ("identifier", "free_text")
            assert (columns[scanned.column].key is not None) == (scanned.form.kind == "pseudonym")


def test_nobody_computes_a_pseudonym_with_what_the_broker_holds(
    watched: Watched, identifiers: Mapping[str, frozenset[str]], answered: Mapping[str, Answered]
) -> None:
    """No stream holds a plain digest of a number, nor one under any key that the broker's side has."""
    keys = [path.read_bytes() for path in sorted((watched.folder / "keys").iterdir())]
    keys += [watched.deployment.digest_key]
    seen = {
        value.bytes
        for served in streams(answered)
        for field in served.table.schema
        if field.type == pa.uuid()
        for value in served.table.column(field.name).to_pylist()
        if value is not None
    }
    assert len(seen) > 200
    for kind in ("resident number", "household number", "pupil number"):
        for value in identifiers[kind]:
            assert not seen & set(_guesses(value.encode(), keys))


def _guesses(value: bytes, keys: Iterable[bytes]) -> Iterable[bytes]:
    yield value.ljust(16, b"\0")
    yield value.rjust(16, b"0")
    yield uuid.uuid5(uuid.NAMESPACE_OID, value.decode()).bytes
    for name in ("md5", "sha1", "sha256"):
        yield hashlib.new(name, value).digest()[:16]
    for key in keys:
        yield hmac.digest(key, value, "sha256")[:16]


def test_nobody_has_one_pseudonym_in_two_domains(answered: Mapping[str, Answered]) -> None:
    """The statistic's pseudonyms and the approved query's are of the same children, and have none in common."""
    ids = {}
    for name, (_, scans) in answered.items():
        (children,) = [served.table for served in scans if served.order.dataset == "shimin.child"]
        ids[name] = set(children.column("resident_id").to_pylist())
    assert len(ids["approved"]) == len(ids["statistic"]) > 50
    assert not ids["approved"] & ids["statistic"]


def _identifying(catalogue: Catalogue) -> list[tuple[str, str]]:
    return [
        (dataset.name, column.name)
        for dataset in catalogue.datasets.values()
        for column in dataset.columns.values()
        if column.column_class in ("key", "identifier") or column.origin in ("my_number", "resident_code")
    ]


_QUESTIONS = {
    "young_carer": "SELECT c.resident_id, x.{column} AS asked FROM shimin.child c {join}",
    "stat": "SELECT c.grade, count(*) AS n FROM shimin.child c {join} WHERE x.{column} IS NOT NULL GROUP BY c.grade",
}


@pytest.mark.parametrize("purpose", sorted(_QUESTIONS))
def test_no_identifying_column_of_the_catalogue_is_granted_but_as_a_pseudonym(watched: Watched, purpose: str) -> None:
    """Each key and each identifier of the catalogue, asked for by itself and under an approval of these very words, is
    refused or granted as a pseudonym.
    """
    found = _identifying(CATALOGUE)
    assert len(found) > 30
    by_cpo = watched.question()["approval"]
    by_head = {"step": "decide", "id": "center-head", "role": "center_head", "post": "所長", "department": None}
    granted = set()
    for dataset, column in found:
        bridge = "JOIN kyoiku.gakurei g USING (resident_id) JOIN school.attendance x ON x.pupil = g.pupil"
        own = CATALOGUE.dataset(dataset).key_of_kind("resident")
        join = f"JOIN {dataset} x ON x.{own} = c.resident_id" if own else bridge.replace("school.attendance", dataset)
        sql = _QUESTIONS[purpose].format(column=column, join=join)
        try:
            watched.broker.explain(watched.request(purpose=purpose, sql=sql))
        except BadInput:
            continue
        document = watched.engine.questions[-1]
        digest = document["query"]["sql_digest"]
        for approver in (by_cpo["approver"], by_head):
            approved = by_cpo | {"sql_digest": digest, "approver": approver} if purpose == "young_carer" else None
            decision = ask_policy(watched.engine, document | {"approval": approved})
            for scan in decision.obligations.scans.values() if decision.obligations else ():
                assert all(form.kind == "pseudonym" for name, form in scan.forms.items() if name == column)
                granted |= {(dataset, column)}
    assert ("kaigo.cert", "resident_id") in granted
    assert {column for _, column in granted} <= {"resident_id", "household_id", "dwelling_id", "pupil"}


def _order(dataset: str, column: str, form: Form, watched: Watched, *, carrier: str | None = None) -> ScanOrder:
    """An order as a broker that has gone astray might make it."""
    held = CATALOGUE.dataset(dataset).columns
    leaving = {carrier: PSEUDONYM} if carrier is not None else {column: form}
    return ScanOrder(
        dataset=dataset,
        columns=tuple(
            ScanColumn(column=name, form=f, type="UUID" if f.kind == "pseudonym" else form_type(f, held[name].type))
            for name, f in leaving.items()
        ),
        filter_forms={column: form} if carrier is not None else {},
        filter=ALWAYS,
        exclude=(),
        predicates=FieldCondition(operator="is_null", field=column, value=False) if carrier is not None else ALWAYS,
        pseudonyms=watched.watch.served[0].order.pseudonyms,
        as_of=watched.watch.served[0].order.as_of,
    )


def _proven(order: ScanOrder, watched: Watched) -> Evidence:
    """Evidence for an order, made by a broker that writes whatever it likes into the real ledger."""
    allowed = parse_entry(watched.watch.served[0].evidence.receipt.entry)
    nonce = secrets.token_hex(16)
    entry = {
        **{name: value for name, value in allowed.items() if name != "clock"},
        "request": secrets.token_hex(16),
        "scans": {
            "s1": {
                "department": order.dataset.partition(".")[0],
                "dataset": order.dataset,
                "order": order_digest(order, nonce=nonce),
            }
        },
    }
    return Evidence(receipt=watched.broker.ledger.append(entry), nonce=nonce, scan="s1")


@pytest.mark.parametrize(
    ("column", "form", "carrier", "code"),
    [
        pytest.param("kojin_bango", RAW, None, "scan-order-withheld", id="my-number-raw"),
        pytest.param("kojin_bango", PSEUDONYM, None, "scan-order-withheld", id="my-number-as-pseudonym"),
        pytest.param(
            "kojin_bango",
            Form(kind="flag", condition=FieldCondition(operator="is_null", field="value", value=False)),
            None,
            "scan-order-withheld",
            id="whether-there-is-a-my-number",
        ),
        pytest.param("kojin_bango", RAW, "resident_id", "scan-order-withheld", id="my-number-as-filter"),
        pytest.param("name_kanji", Form(kind="ordinal", order=("a",)), None, "scan-order-identifier", id="name-coded"),
        pytest.param("name_kanji", PSEUDONYM, None, "scan-order-keyless", id="name-as-pseudonym"),
    ],
)
def test_a_department_refuses_what_must_never_leave_even_with_a_proof(
    watched: Watched, column: str, form: Form, carrier: str | None, code: str
) -> None:
    """A broker that recorded an allow of its own making gets no My Number in any form, and no identifier disguised."""
    order = _order("shimin.resident", column, form, watched, carrier=carrier)
    evidence = _proven(order, watched)
    before = len(watched.watch.served)
    with pytest.raises(BadInput) as refused:
        watched.parts.departments["shimin"].scan(order, evidence)
    assert refused.value.code == code
    assert len(watched.watch.served) == before


def test_a_column_granted_as_a_pseudonym_cannot_be_had_raw(watched: Watched) -> None:
    """The proof of a decision opens the order that was decided: the same columns raw are another order."""
    watched.ask()
    departments = local_departments(
        watched.deployment.catalogue, layout=watched.deployment.layout, ledger_vkey=watched.deployment.ledger_vkey
    )
    checked = 0
    for served in watched.watch.served[-5:]:
        for position, scanned in enumerate(served.order.columns):
            if scanned.form.kind == "raw":
                continue
            held = CATALOGUE.dataset(served.order.dataset).column(scanned.column)
            raw = replace(scanned, form=RAW, type=form_type(RAW, held.type))
            columns = (*served.order.columns[:position], raw, *served.order.columns[position + 1 :])
            with pytest.raises(CheckFailed) as refused:
                departments[served.department].scan(replace(served.order, columns=columns), served.evidence)
            assert refused.value.code == "scan-evidence-other-order"
            checked += 1
    assert checked > 5


def test_no_stage_of_the_broker_imports_the_keys() -> None:
    """No module of the broker, or of judgement, names ``masking.keys``; the import contract that CI runs says so, too."""
    modules = sorted(path for room in ("query_broker", "risk") for path in (ROOT / room).glob("*.py"))
    assert len(modules) > 20
    for path in modules:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += [f"{node.module}.{a.name}" for a in node.names] if isinstance(node, ast.ImportFrom) else []
            names += [a.name for a in node.names] if isinstance(node, ast.Import) else []
            assert not any(name.startswith("masking.keys") for name in names), path.name
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    assert {"source_modules": ["query_broker", "risk"], "forbidden_modules": ["masking.keys"]}.items() <= next(
        c.items() for c in contracts if c["type"] == "forbidden"
    )


def test_the_process_that_combines_has_no_keys_in_it() -> None:
    """Neither the keys nor the departments' side are loaded where the scans come together."""
    check = "import sys, query_broker.worker; print(*(m for m in sys.modules if m.split('.')[0] in {'masking', 'connectors', 'sekisho'}))"
    done = subprocess.run([sys.executable, "-I", "-c", check], capture_output=True, text=True, check=True)
    sketching = {"masking", "masking.arrow_types", "masking.sketches", "masking.populations"}
    assert set(done.stdout.split()) <= sketching


def test_no_key_is_in_a_stream_or_in_a_record(watched: Watched, answered: Mapping[str, Answered]) -> None:
    """Neither the master nor a key derived from it occurs anywhere outside the departments, as bytes, hex or base64."""
    layout = watched.deployment.layout
    master = bytes.fromhex(layout.master_key.read_text().strip())
    ring = KeyRing.load(layout.master_key)
    spaces = {served.order.pseudonyms for served in streams(answered)}
    assert len(spaces) == 2
    keys = [master]
    for space in spaces:
        keys += [ring._derive(use, space, kind) for use in (b"aes", b"hmac") for kind in CATALOGUE.kinds]
    places = {**watched.records(), "guideline": repr(watched.deployment).encode()}
    places |= {str(n): served.sent for n, served in enumerate(streams(answered))}
    places |= {f"{name} receipt": release.receipt.text.encode() for name, (release, _) in answered.items()}
    for key in keys:
        for written in (key, key.hex().encode(), base64.b64encode(key), base64.urlsafe_b64encode(key)):
            assert [name for name, data in places.items() if written in data] == []
    # The key's id goes with every stream, and is no part of a key.
    for release, scans in answered.values():
        assert {served.table.schema.metadata[b"sekisho.key"].decode() for served in scans} == {release.key_id}
        assert not any(release.key_id in key.hex() for key in keys)
