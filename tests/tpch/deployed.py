"""A city whose five offices hold the tables of TPC-H, declared to hold no data subject, and one register of persons.

Articles, rules and tables are the project's own. Two purposes: ``ledger`` for answers about nobody, ``stat`` for groups of
persons, so that what holds for persons can be tried beside it.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import duckdb
import yaml

from query_broker.pipeline import run
from query_broker.release import Explanation, Release
from sekisho.ask_request import AskRequest
from sekisho.broker import Broker
from sekisho.deployment import Deployment
from sekisho.establish import establish, issue_tokens
from tests.tpch import data

QUERIES = Path(__file__).parent / "queries"
AS_OF = "2026-09-30"
_ACCOUNT = {
    "organ": "mayor", "post": "課長", "department": None, "oath": True, "training_until": "2027-03-31",
    "dv_cleared": False, "mfa": True, "valid_until": "2027-03-31",
}  # fmt: skip
_RELAXED = {
    "target-age",
    "moved-out-excluded",
    "address-protected-excluded",
    "suspended-excluded",
    "sensitive-items-reduced",
}
"""Controls of the reference city's target group, which this city does not have."""


def build(folder: Path, root: Path, tables: duckdb.DuckDBPyConnection) -> None:
    """Write the deployment into a folder, with its sources, and establish it."""

    def write(name: str, document: Any) -> None:
        path = folder / f"{name}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")

    for name, document in _catalogue().items():
        write(f"catalogue/{name}", document)
    write("deployment", _DEPLOYMENT)
    write("principals", _principals())
    (folder / "templates").mkdir()
    shutil.copytree(root / "guideline_docs" / "articles", folder / "guideline" / "articles")
    shutil.copytree(root / "guideline_docs" / "tables", folder / "guideline" / "tables")
    for name, document in _tables(folder / "guideline" / "tables").items():
        write(f"guideline/tables/{name}", document)
    departments = folder / "departments"
    data.write_sources(departments, tables, as_of=AS_OF)
    (departments / "register").mkdir()
    with duckdb.connect(str(departments / "register" / "register.duckdb")) as register:
        register.execute(
            "CREATE TABLE person AS SELECT format('{:010d}', i) AS resident_no, i % 25 AS nation FROM range(500) t(i)"
        ).fetchall()
    (departments / "register" / "extract.yaml").write_text(f"register.person: {AS_OF}\n", encoding="utf-8")
    establish(folder)
    issue_tokens(folder)


_DEPLOYMENT = {
    "name": "tpch",
    "label": {"ja": "一般の照会の検査環境", "en": "Deployment of a general workload"},
    "production": False,
    "demo": True,
    "clock": "2026-10-01T09:00:00+09:00",
    "zone": "Asia/Tokyo",
    "network_zone": "mynumber",
    "engine": "embedded",
    "ledger": {"origin": "tpch.example/sekisho"},
    "identity": {"issuer": "sekisho:tpch", "token_hours": 12},
    "limits": {"combine_seconds": 60},
}


def _principals() -> Mapping[str, Any]:
    roles = {"analyst-1": "analyst", "privacy": "reviewer", "head": "center_head", "cpo": "cpo"}
    stewards = {
        f"steward-{name}": {**_ACCOUNT, "roles": ["data_steward"], "department": name}
        for name in (*data.HOLDERS, "register")
    }
    return {name: {**_ACCOUNT, "roles": [role]} for name, role in roles.items()} | stewards


def _label(name: str) -> Mapping[str, str]:
    return {"ja": name, "en": name}


def _catalogue() -> Mapping[str, Any]:
    kind = {"label": _label("resident"), "pattern": "[0-9]{10}", "pad": 10, "method": "aes"}
    files: dict[str, Any] = {"kinds": {"subject": "resident", "household": [], "kinds": {"resident": kind}}}
    for department, tables in data.HOLDERS.items():
        files[department] = _department(department) | {
            "datasets": {
                f"{department}.{table}": _dataset(table)
                | {
                    "data_subject": "none",
                    "unique_by": list(data.KEYS[table]),
                    "columns": {name: _column(name, type_) for name, type_ in data.TYPES[table].items()},
                }
                for table in tables
            }
        }
    files["register"] = _department("register") | {
        "datasets": {
            "register.person": _dataset("person")
            | {
                "unique_by": ["resident_no"],
                "cohort": True,
                "columns": {
                    "resident_no": _column("resident_no", "text") | {"class": "key", "key": "resident"},
                    "nation": _column("nation", "integer"),
                },
            }
        }
    }
    return files


def _department(name: str) -> dict[str, Any]:
    source = {"kind": "duckdb", "path": f"{name}/{name}.duckdb"}
    return {"department": name, "label": _label(name), "organ": "mayor", "steward": f"steward-{name}", "source": source}


def _dataset(table: str) -> dict[str, Any]:
    return {"label": _label(table), "table": table, "absent_row": "none", "refresh": "monthly_extract"}


def _column(name: str, type_: str) -> dict[str, Any]:
    return {"label": _label(name), "type": type_, "class": "attribute", "nulls": "never"}


def _tables(folder: Path) -> Mapping[str, Any]:
    """The guideline's tables that differ from the project's own."""

    def read(name: str) -> Any:
        return yaml.safe_load((folder / f"{name}.yaml").read_text(encoding="utf-8"))

    evidence = {"ja": "検査のため。", "en": "For the tests."}
    raw = {
        f"{department}.{table}": {"evidence": evidence, "columns": {c: {"form": "raw"} for c in data.TYPES[table]}}
        for department, tables in data.HOLDERS.items()
        for table in tables
    }
    person = {"evidence": evidence, "columns": {"resident_no": {"form": "pseudonym"}, "nation": {"form": "raw"}}}
    purpose = read("purposes")["stat"] | {
        "needs_approval": False,
        "valid_from": "2026-04-01",
        "valid_to": "2027-03-31",
        "public_notice_on": "2026-04-01",
        "since": "2026-04-01",
        "reviewed": {"on": "2026-03-01", "by": "privacy"},
    }
    yields = {"aggregate": "aggregate", "impersonal": "aggregate"}
    requirements = read("requirements")
    requirements["query"] = [control for control in requirements["query"] if control not in _RELAXED]
    # Every control has to be required somewhere; nobody drafts a template here.
    requirements["approval.request"] = sorted({*requirements["approval.request"], *_RELAXED})
    parameters = read("parameters")
    parameters["freshness_max_days"]["monthly_extract"] = 35
    # Of the reference city's purposes and departments; nobody is identified here, and nobody asks at the desk.
    del parameters["reidentification"]
    parameters["subject_requests"]["review_sets"] = {}
    parameters["incidents"]["protected"] = {}
    return {
        "allow_list": {"ledger": raw, "stat": {"register.person": person, **raw}},
        "purposes": {
            "ledger": purpose | {"outputs": ["impersonal"], "yields": yields, "domain": "city"},
            "stat": purpose | {"outputs": ["aggregate", "impersonal"], "yields": yields, "domain": "city"},
        },
        "domains": {"city": {"purposes": ["ledger", "stat"], "recipient": purpose["recipients"][0], "epoch": "2026"}},
        "action_matrix": read("action_matrix") | {"analyst": {"query.aggregate": "allow", "query.impersonal": "allow"}},
        "gates": {},
        "named_sets": {},
        "requirements": requirements,
        "parameters": parameters,
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Offices:
    """The deployment, open."""

    deployment: Deployment
    broker: Broker

    def ask(self, sql: str, *, purpose: str = "ledger", **more: Any) -> Release:
        """The analyst's question, down the whole path; ``more`` of the request is as given."""
        return run(replace(self.broker._query(self._asked(sql, purpose)), **more), self.broker._all_parts())

    def explain(self, sql: str, *, purpose: str = "ledger") -> Explanation:
        """What would happen."""
        return self.broker.explain(self._asked(sql, purpose))

    def _asked(self, sql: str, purpose: str) -> AskRequest:
        return AskRequest(token=self.deployment.token("analyst-1"), hat="analyst", purpose=purpose, sql=sql)


@contextmanager
def open_offices(folder: Path) -> Iterator[Offices]:
    """Open the deployment."""
    deployment = Deployment.load(folder)
    with deployment.broker() as broker:
        yield Offices(deployment=deployment, broker=broker)
