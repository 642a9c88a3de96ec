"""The deployment of the security corpus: its own catalogue and people, and permissive guideline data under the same rules.

Articles, rules and tables are the project's own but for what makes a guideline permissive: an analyst who may ask ad hoc,
two purposes (``stat`` for groups, ``study`` for rows under an approval of whatever is asked), and every column that is no identifier on both
lists. So nothing counts as stopped because somebody forgot to allow it.
"""

from __future__ import annotations

import json
import secrets
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import yaml

from audit.keys import load_signer
from audit.ledger import Ledger
from audit.note import parse_vkey
from connectors.department import Department
from connectors.evidence import Evidence, ledger_verifier
from connectors.open import open_departments
from governance.approvals import Approval, Signature, Step
from governance.scans import ScanOrder
from masking.keys import KeyRing
from query_broker.parse import sql_digest
from query_broker.parts import Parts
from query_broker.pipeline import run
from query_broker.release import Release
from query_broker.request import QueryRequest
from sekisho.ask_request import AskRequest
from sekisho.broker import Broker
from sekisho.deployment import Deployment
from sekisho.establish import establish, issue_tokens
from tests.security.worlds import WORLDS, World, write_sources

HERE = Path(__file__).parent
ANALYST = "analyst-1"

_RELAXED = {
    "target-age",
    "moved-out-excluded",
    "address-protected-excluded",
    "suspended-excluded",
    "sensitive-items-reduced",
}
"""Controls that a permissive guideline does not require: those of the reference city's target group, and reduction."""


def build(folder: Path, root: Path) -> None:
    """Write the deployment into a folder and establish it; its sources are those of the first world."""
    shutil.copytree(HERE / "deployment" / "catalogue", folder / "catalogue")
    for name in ("principals.yaml", "deployment.yaml"):
        shutil.copy(HERE / "deployment" / name, folder / name)
    (folder / "templates").mkdir()
    shutil.copytree(root / "guideline_docs" / "articles", folder / "guideline" / "articles")
    shutil.copytree(root / "guideline_docs" / "tables", folder / "guideline" / "tables")
    _permit(folder / "guideline" / "tables")
    for world in WORLDS:
        write_sources(folder / "worlds" / world, world)
    shutil.copytree(folder / "worlds" / "base", folder / "departments")
    establish(folder)
    issue_tokens(folder)


def _permit(tables: Path) -> None:
    def read(name: str) -> Any:
        return yaml.safe_load((tables / f"{name}.yaml").read_text(encoding="utf-8"))

    def write(name: str, document: Any) -> None:
        (tables / f"{name}.yaml").write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")

    listed = yaml.safe_load((HERE / "deployment" / "allow_list.yaml").read_text(encoding="utf-8"))
    evidence = {"ja": "検査のため。", "en": "For the tests."}
    datasets = {name: {"evidence": evidence, "columns": columns} for name, columns in listed.items()}
    write("allow_list", {"stat": datasets, "study": datasets})
    purpose = read("purposes")["stat"] | {
        "needs_approval": False,
        "valid_from": "2026-04-01",
        "valid_to": "2027-03-31",
        "public_notice_on": "2026-04-01",
        "since": "2026-04-01",
        "reviewed": {"on": "2026-03-01", "by": "privacy"},
    }
    purposes = {
        "stat": purpose | {"outputs": ["aggregate"], "domain": "stat"},
        "study": purpose
        | {"outputs": ["row_level"], "yields": {"row_level": "pseudo_int"}, "domain": "study", "needs_approval": True},
    }
    write("purposes", purposes)
    recipient = purpose["recipients"][0]
    write(
        "domains",
        {name: {"purposes": [name], "recipient": recipient, "epoch": "2026"} for name in purposes},
    )
    matrix = read("action_matrix")
    write("action_matrix", matrix | {"analyst": {"query.aggregate": "allow", "query.row_level": "allow"}})
    write("gates", {})
    write("named_sets", {})
    requirements = read("requirements")
    # Every control has to be required somewhere; nobody drafts a template here.
    requirements["query"] = [control for control in requirements["query"] if control not in _RELAXED]
    requirements["approval.request"] = sorted({*requirements["approval.request"], *_RELAXED})
    write("requirements", requirements)
    parameters = read("parameters")
    parameters["freshness_max_days"]["corpus"] = 35
    # Of the reference city's purposes and departments; nobody is identified here, and nobody asks at the desk.
    del parameters["reidentification"]
    parameters["subject_requests"]["review_sets"] = {}
    parameters["incidents"]["protected"] = {}
    write("parameters", parameters)


class _Heard:
    """A department like any other, of which is known whether it was asked."""

    def __init__(self, real: Department, asked: list[ScanOrder]) -> None:
        self._real = real
        self._asked = asked

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    def scan(self, order: ScanOrder, evidence: Evidence) -> pa.RecordBatchReader:
        self._asked.append(order)
        return self._real.scan(order, evidence)


@dataclass(slots=True, kw_only=True)
class Corpus:
    """The deployment, open, with the departments of every world.

    Attributes:
        asked: scan orders that reached a department since it was last emptied.
        last_records: what the last question's ledger had in its files in the end.
    """

    deployment: Deployment
    broker: Broker
    worlds: Mapping[World, Mapping[str, Department]]
    asked: list[ScanOrder]
    folder: Path
    last_records: str = ""

    def ask(self, sql: str, *, purpose: str = "stat", world: World = "base", **parts: Any) -> Release:
        """Take a query down the whole path, with a ledger in which nothing happened before."""
        return self.run(self.request(sql, purpose=purpose), world=world, **parts)

    def request(self, sql: str, *, purpose: str = "stat") -> QueryRequest:
        """The analyst's question; for rows with an approval of exactly this text, signed by everybody."""
        token = self.deployment.token(ANALYST)
        asked = self.broker._query(AskRequest(token=token, hat="analyst", purpose=purpose, sql=sql))
        return replace(asked, approval=self._approval(sql, basis=asked.basis)) if purpose == "study" else asked

    def _approval(self, sql: str, *, basis: str | None) -> Approval:
        def signed(step: Step, name: str) -> Signature:
            account = self.deployment.principals[name]
            return Signature(
                step=step, id=name, role=account.roles[0], post=account.post, department=account.department,
                at="2026-09-01T09:00:00+09:00",
            )  # fmt: skip

        catalogue = self.deployment.catalogue
        return Approval(
            id="AP-2026-0001",
            template="study",
            purpose="study",
            basis=basis,
            state="granted",
            requester="drafter",
            reviewers=(
                signed("review", "privacy"),
                *(signed("consult", f"steward-{department}") for department in catalogue.departments),
            ),
            approver=signed("decide", "cpo"),
            requested_at="2026-09-01T09:00:00+09:00",
            starts_on="2026-04-01",
            expires_at="2027-03-31",
            guideline_version=self.deployment.guideline.version,
            sql_digest=sql_digest(sql, declared={}, catalogue=catalogue, key=self.deployment.digest_key),
        )

    def run(self, request: QueryRequest, *, world: World = "base", **parts: Any) -> Release:
        """Run a request in a world."""
        with self.new_ledger() as ledger:
            whole: Parts = replace(self.broker._all_parts(), departments=self.worlds[world], ledger=ledger)
            return run(request, replace(whole, **parts))

    @contextmanager
    def new_ledger(self) -> Iterator[Ledger]:
        """A copy of the ledger as it was established."""
        path = self.folder / "ledgers" / f"{secrets.token_hex(8)}.sqlite"
        path.parent.mkdir(exist_ok=True)
        shutil.copy(self.folder / "pristine.sqlite", path)
        signer = load_signer(self.deployment.layout.ledger_key)
        try:
            with Ledger.open(path, pinned=self.deployment.ledger_vkey, signer=signer) as ledger:
                yield ledger
        finally:
            records = sorted(path.parent.glob(f"{path.name}*"))
            self.last_records = "\n".join(file.read_bytes().decode("utf-8", errors="replace") for file in records)
            for file in records:
                file.unlink()


@contextmanager
def open_corpus(folder: Path) -> Iterator[Corpus]:
    """Open the deployment and the departments of every world, all with the same keys."""
    deployment = Deployment.load(folder)
    shutil.copy(deployment.layout.ledger, folder / "pristine.sqlite")
    asked: list[ScanOrder] = []
    worlds: dict[World, Mapping[str, Department]] = {}
    keyring, vkey = KeyRing.load(deployment.layout.master_key), deployment.ledger_vkey
    for world in WORLDS:
        opened = open_departments(
            deployment.catalogue,
            root=folder / "worlds" / world,
            keyring=keyring,
            verify_evidence=ledger_verifier(vkey=vkey, origin=parse_vkey(vkey).name),
        )
        worlds[world] = {name: _Heard(department, asked) for name, department in opened.items()}
    with deployment.broker() as broker:
        yield Corpus(deployment=deployment, broker=broker, worlds=worlds, asked=asked, folder=folder)
