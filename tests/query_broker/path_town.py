"""The neutral town with a whole path: a real ledger and a real combiner; holders and a policy of the town's own.

The holders and the policy are no stand-ins for the real ones but others of their kind: they keep the same interface, the
holders ask for the same proof, and what the policy answers goes through the same checks.
"""

from __future__ import annotations

import io
import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import structlog

from audit.ledger import Ledger
from connectors.department import KEY_METADATA, ORDER_METADATA
from connectors.evidence import Evidence, ledger_verifier
from governance.catalogue import Label
from governance.conditions import ALWAYS
from governance.guideline import Article, ControlText, Guideline, Rule
from governance.log import configure_log
from governance.principals import Principal
from governance.scans import ScanOrder, order_digest
from query_broker.combine import Combiner
from query_broker.compare import CONTROL
from query_broker.parts import Parts
from query_broker.record import CONTROL_NO_ANSWER
from query_broker.request import QueryRequest
from tests.audit.samples import ORIGIN, VKEY, new_ledger
from tests.query_broker.asking import DIGEST_KEY
from tests.query_broker.holders import answer
from tests.query_broker.world import AS_OF, CATALOGUE, FORMS, PARAMETERS, Tables, tables

TIME = datetime.fromisoformat("2023-10-01T09:00:00+09:00")
KEY_ID = "c0ffee00"
WORN = "clerk"


def _label(text: str) -> Label:
    return Label(ja=text, en=text)


def _sentence(text: str) -> ControlText:
    return ControlText(text={"ja": text, "en": text}, remedy={"ja": text, "en": text})


def _rule(number: str, *controls: str) -> Rule:
    return Rule(
        id=number,
        text=_label(number),
        enforced_by="rego",
        controls={control: _sentence(control) for control in controls},
        reason=None,
    )


def _article(number: int, *rules: Rule) -> Article:
    return Article(
        number=number,
        chapter=1,
        title=_label("…"),
        body_ja="",
        body_en="",
        law=(),
        effective_from="2023-04-01",
        effective_to=None,
        rules=rules,
        file=f"art{number:02}.md",
    )


GUIDELINE = Guideline(
    version="1.0-0123456789ab",
    articles=(
        _article(3, _rule("R3-1", "all-in-order"), _rule("R3-2", CONTROL_NO_ANSWER)),
        _article(7, _rule("R7-1", "only-on-weekdays"), _rule("R7-2", "only-in-town")),
        _article(17, _rule("R17-3", CONTROL)),
    ),
    tables={
        "action_matrix": {WORN: {}},
        "purposes": {"care": {}},
        "recipients": {"town-hall": {}},
    },
)


class Holder:
    """A department of the town: computes in plain Python, and wants the same proof as any other."""

    def __init__(self, name: str, town: Tables) -> None:
        self._name = name
        self._town = town
        self._verify = ledger_verifier(vkey=VKEY, origin=ORIGIN)
        self.asked: list[ScanOrder] = []

    @property
    def id(self) -> str:
        return self._name

    def as_of(self, dataset: str) -> date:
        return AS_OF

    def set_as_of(self, named_set: str) -> date | None:
        return None

    def rows(self, dataset: str, *, as_of: date) -> int:
        return len(self._town[dataset])

    def scan(self, order: ScanOrder, evidence: Evidence) -> pa.RecordBatchReader:
        self.asked.append(order)
        digest = order_digest(order, nonce=evidence.nonce)
        self._verify(evidence, digest)
        metadata = {KEY_METADATA: KEY_ID.encode(), ORDER_METADATA: digest.encode()}
        return answer(order, self._town).replace_schema_metadata(metadata).to_reader(max_chunksize=7)


@dataclass(slots=True, kw_only=True)
class Council:
    """A policy engine that allows everything in the forms of the town, or answers what it is told to."""

    smallest: int = 1
    max_rows: int = 1_000
    stale: frozenset[str] = frozenset()
    says: Callable[[Mapping[str, Any]], Any] | None = None
    asked: list[Mapping[str, Any]] = field(default_factory=list)
    name: str = "council"
    revision: str = "0" * 64

    def decide(self, document: Mapping[str, Any]) -> Any:
        self.asked.append(document)
        return self.says(document) if self.says is not None else self.allow(document)

    def close(self) -> None:
        """Nothing is held."""

    def allow(self, document: Mapping[str, Any]) -> dict[str, Any]:
        """An allow with obligations for every scan of the question."""
        query = document["query"]
        cohort = next(scan for scan in query["scans"] if scan["role"] == "cohort")
        groups = query["output"]["kind"] == "aggregate"
        persons = [{"scan": cohort["id"], "column": "resident_id", "unit": "person"}]
        return {
            "allow": True,
            "required": ["all-in-order"],
            "granted_under": ["all-in-order"],
            "deny": [],
            "obligations": {
                "scans": {
                    scan["id"]: {
                        "forms": {c["column"]: FORMS[scan["dataset"]][c["column"]].to_json() for c in scan["columns"]},
                        "filter": ALWAYS.to_json(),
                        "exclude": [],
                        "unknown": scan["dataset"] in self.stale,
                    }
                    for scan in query["scans"]
                },
                "output": {
                    "min_group_size": max(2, self.smallest) if groups else 0,
                    "count_by": persons if groups else [],
                    "rounding": None,
                    "max_rows": self.max_rows,
                    "order": "by_output",
                    "compare": {"period": "month", "smallest": max(2, self.smallest)} if groups else None,
                    "sensitive": [],
                },
                "pseudonyms": {"domain": "tests", "epoch": "2023"},
                "expires_in_days": None,
                "required_reviewers": [],
            },
        }


def deny(*reasons: tuple[str, str]) -> dict[str, Any]:
    """A deny for reasons, each a control and what it is about."""
    return {
        "allow": False,
        "required": sorted({"all-in-order", *(control for control, _ in reasons)}),
        "granted_under": ["all-in-order"],
        "deny": [{"control": control, "on": on, "params": {}} for control, on in reasons],
        "obligations": None,
    }


def request(sql: str, **changes: Any) -> QueryRequest:
    """A clerk's question."""
    clerk = Principal(
        id="clerk-1",
        roles=(WORN,),
        hats=(WORN,),
        organ="town",
        post="-",
        department=None,
        oath=True,
        training_until="2024-03-31",
        dv_cleared=False,
        mfa=True,
    )
    known: dict[str, Any] = {
        "id": secrets.token_hex(16),
        "principal": clerk,
        "purpose": "care",
        "sql": sql,
        "approval": None,
        "parameters": {},
        "declared": PARAMETERS,
        "recipient": "town-hall",
        "basis": None,
        "zone": "Asia/Tokyo",
        "time": TIME,
        "as_of": AS_OF,
    }
    return QueryRequest(**{**known, **changes})


@dataclass(slots=True, kw_only=True)
class Town:
    """The town, open."""

    tables: Tables
    parts: Parts
    council: Council
    holders: dict[str, Holder]
    log: io.StringIO

    @property
    def ledger(self) -> Ledger:
        """The ledger."""
        return self.parts.ledger

    def entries(self, start: int = 1) -> list[dict[str, Any]]:
        """What the ledger holds, but for its first entry."""
        return [dict(entry.document) for entry in self.ledger.entries(start)]

    def other(self, **parts: Any) -> Parts:
        """The town's parts with others in the place of some."""
        return replace(self.parts, **parts)


@contextmanager
def open_town(folder: Path, combiner: Combiner) -> Iterator[Town]:
    """A town with a ledger of its own, and its log."""
    town = tables(20231001, people=60)
    holders = {name: Holder(name, town) for name in ("town", "care", "clinic")}
    council, log = Council(), io.StringIO()
    configure_log(log, level=0)
    try:
        with new_ledger(folder / "ledger.sqlite") as ledger:
            parts = Parts(
                catalogue=CATALOGUE,
                guideline=GUIDELINE,
                engine=council,
                policy_digest="0a" * 32,
                departments=holders,
                ledger=ledger,
                combiner=combiner,
                digest_key=DIGEST_KEY,
            )
            yield Town(tables=town, parts=parts, council=council, holders=holders, log=log)
    finally:
        structlog.reset_defaults()
