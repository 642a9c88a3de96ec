"""What is fuzzed: for each parser of untrusted bytes, sound examples to begin with, and what may come of spoiled ones.

A target takes bytes and returns. A refusal that its parser documents is caught there; whatever else comes out is a
finding: an error of Python's, a fault of ours, a value of a source in the words of a refusal.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa
import rfc8785
from yaml import safe_dump as dumped

from audit.checkpoint import open_checkpoint, sign_checkpoint
from audit.entry import parse_entry
from audit.receipt import parse_receipt, verify_receipt
from audit.verification import verify
from governance import located_yaml
from governance.conditions import parse_condition
from governance.errors import Fault, SekishoError
from policies.ask import PolicyUnavailable, ask
from policies.bundle import load_bundle
from policies.embedded import EmbeddedEngine
from query_broker.combine import _read
from query_broker.worker import _answer, hardened_connection
from risk.proposals import read_proposal
from tests.audit.samples import ORIGIN, SIDECAR, SIGNER, VKEY, decision, every_kind, fill, new_ledger
from tests.connectors.clinic import Kind
from tests.connectors.spoilable import target_of
from tests.governance.conftest import EVACUATION
from tests.policies import world
from tests.policies.test_ask import Answering
from tests.query_broker.golden import golden_cases
from tests.query_broker.test_hostile_texts import _outcome
from tests.risk.samples import DOCUMENT, rules, template
from tests.sekisho.test_identity import NOW, TOKEN, VERIFIER

Try = Callable[[bytes], object]


class Target:
    """A parser and what to begin with.

    Attributes:
        seeds: sound examples.
        attempt: parses bytes; raises only what is a finding.
    """

    def __init__(self, seeds: list[bytes], attempt: Try) -> None:
        self.seeds = seeds
        self._attempt = attempt

    def attempt(self, data: bytes) -> None:
        """Parse some bytes.

        Raises:
            Exception: a finding.
        """
        try:
            self._attempt(data)
        except Fault:
            raise
        except SekishoError as refusal:
            if not (refusal.text("ja") and refusal.text("en")):
                raise


def sql(_: Path) -> Target:
    """The text of a query, through every stage before the departments."""
    seeds = [case.asked.encode() for case in golden_cases()]
    return Target(seeds, lambda data: _outcome(data.decode("utf-8", errors="surrogateescape")))


def token(_: Path) -> Target:
    """A signed token: nothing but the sound one names anybody."""

    def attempt(data: bytes) -> None:
        verified = VERIFIER.verify(data.decode("utf-8", errors="replace"), hat=None, now=NOW)
        if verified.principal is not None and data.decode() != TOKEN:
            raise AssertionError("a changed token names a principal")

    return Target([TOKEN.encode()], attempt)


def checkpoint(_: Path) -> Target:
    """A signed checkpoint: nothing but the sound one opens."""
    sound = sign_checkpoint(size=7, root=bytes(range(32)), signer=SIGNER)

    def attempt(data: bytes) -> None:
        opened = open_checkpoint(data, verifier=SIGNER.verifier, origin=ORIGIN)
        if (opened.size, opened.root) != (sound.size, sound.root):
            raise AssertionError("another checkpoint opens")

    return Target([sound.note.encode()], attempt)


def receipt(folder: Path) -> Target:
    """The proof of a decision, as a department gets it."""
    body = rfc8785.dumps(decision(1))
    with new_ledger(folder / "ledger.sqlite") as ledger:
        sound = ledger.append(decision(1), sidecars=[SIDECAR])

    def attempt(data: bytes) -> None:
        verify_receipt(parse_receipt(data, entry=sound.entry), vkey=VKEY, origin=ORIGIN)

    return Target([sound.text.encode(), body], attempt)


def entry(_: Path) -> Target:
    """An entry of a ledger."""
    return Target([rfc8785.dumps(each) for each in every_kind()], parse_entry)


def ledger_file(folder: Path) -> Target:
    """A whole ledger, below its database."""
    path = folder / "whole.sqlite"
    with new_ledger(path) as ledger:
        fill(ledger)

    def attempt(data: bytes) -> None:
        spoiled = folder / "spoiled.sqlite"
        spoiled.write_bytes(data)
        verify(spoiled, vkey=VKEY, origin=ORIGIN)

    return Target([path.read_bytes()], attempt)


def _stream() -> bytes:
    written = io.BytesIO()
    identifiers = pa.ExtensionArray.from_storage(pa.uuid(), pa.array([bytes(16), None], pa.binary(16)))
    table = pa.table({"u": identifiers, "n": [1, 2], "t": ["a", None], "f": [True, None]})
    with pa.ipc.new_stream(written, table.schema) as writer:
        writer.write_table(table)
    return written.getvalue()


def arrow_of_a_department(_: Path) -> Target:
    """A department's stream, as the combining process reads it."""
    question = {
        "sql": 'SELECT "s1"."u" AS "u" FROM "s1" AS "s1"',
        "parameters": {},
        "scans": [{"id": "s1", "also": []}],
        "counting": None,
    }
    line = json.dumps(question).encode() + b"\n"

    def attempt(data: bytes) -> None:
        said = io.BytesIO()
        with hardened_connection(memory_mb=256, threads=1) as connection:
            _answer(io.BytesIO(line + data), said, connection)
        word = said.getvalue().split(b"\n", 1)[0]
        if word not in (b"done", b"stream-unreadable", b"engine-refused", b"out-of-memory"):
            raise AssertionError("the worker says something else")

    return Target([_stream()], attempt)


def arrow_of_the_worker(_: Path) -> Target:
    """What comes back from the combining process, which may have been taken over by a stream."""

    def attempt(data: bytes) -> None:
        try:
            _read(io.BytesIO(data))
        except (OSError, pa.ArrowException, ValueError):
            return  # what the combiner takes for a worker that died

    return Target([_stream()], attempt)


def source(folder: Path, *, kind: Kind) -> Target:
    """A department's file."""
    file = target_of(kind, folder)
    return Target([file.sound], file.outcome)


def yaml(_: Path) -> Target:
    """A file of a catalogue or a guideline."""
    seeds = [path.read_bytes() for path in sorted(EVACUATION.rglob("*.yaml"))]
    return Target(seeds, lambda data: located_yaml.load(data, file="fuzzed.yaml"))


def policy_answer(_: Path) -> Target:
    """What a policy engine answers: an allow that nobody gave is never believed."""
    question = world.requests()["rows"]
    engine = EmbeddedEngine(load_bundle(), world.documents())
    sound = engine.decide(question)
    engine.close()

    def attempt(data: bytes) -> None:
        try:
            answer = json.loads(data)
        except (ValueError, RecursionError):
            return  # the engine's own client takes that for no answer
        try:
            decided = ask(Answering(answer), question)
        except PolicyUnavailable:
            return
        if decided.allow and not set(decided.required) <= set(decided.granted_under):
            raise AssertionError("an allow with a control that was not granted")

    return Target([json.dumps(sound).encode()], attempt)


def condition(_: Path) -> Target:
    """A condition in a document."""
    sound = {"type": "field", "operator": "eq", "field": "kind", "value": "elder"}

    def attempt(data: bytes) -> None:
        try:
            document: Any = json.loads(data)
        except (ValueError, RecursionError):
            return
        parse_condition(document)

    return Target(
        [json.dumps(sound).encode(), json.dumps({"type": "compound", "operator": "and", "value": [sound]}).encode()],
        attempt,
    )


def proposal(folder: Path) -> Target:
    """Criteria that a contractor hands back: nothing that is read has lost what protects people."""
    current, templates = rules(folder), {"help-features": template()}
    sound = {**DOCUMENT, "version": "2"}

    def attempt(data: bytes) -> None:
        found = read_proposal(data, file="back.yaml", current={"help": current}, templates=templates).rules
        kept = (found.purpose, found.template, found.supported, found.never_alone, found.alerts)
        if kept != (current.purpose, current.template, current.supported, current.never_alone, current.alerts):
            raise AssertionError("a safeguard was changed")

    return Target([dumped(sound, allow_unicode=True).encode(), json.dumps(sound).encode()], attempt)


TARGETS: Mapping[str, Callable[[Path], Target]] = {
    "sql": sql,
    "token": token,
    "checkpoint": checkpoint,
    "receipt": receipt,
    "entry": entry,
    "ledger-file": ledger_file,
    "arrow-of-a-department": arrow_of_a_department,
    "arrow-of-the-worker": arrow_of_the_worker,
    "csv": partial(source, kind="csv-cp932"),
    "excel": partial(source, kind="excel"),
    "parquet": partial(source, kind="parquet"),
    "sqlite": partial(source, kind="sqlite"),
    "duckdb": partial(source, kind="duckdb"),
    "yaml": yaml,
    "policy-answer": policy_answer,
    "condition": condition,
    "proposal": proposal,
}
"""By name; each is made in an empty folder of its own."""
