"""The table of factors, and each of its conditions read as the query language reads it, over the outputs of a template."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from governance import located_yaml
from governance.catalogue import Catalogue, Column, Dataset, KeyKind, Label
from governance.forms import ColumnType, Form, parse_form
from query_broker import relational as r
from query_broker.form_types import TypeCheck
from query_broker.granted import GrantedColumn
from query_broker.parse import parse
from query_broker.rewrite import FederatedPlan
from query_broker.usages import Lineage

_LABEL = Label(ja="項目", en="item")
_COLUMN_TYPES: Mapping[str, ColumnType] = {"INTEGER": "integer", "BOOLEAN": "boolean", "TEXT": "text", "UUID": "text"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Factor:
    """One factor: ``hit`` is ``None`` where it is struck."""

    purpose: str
    id: str
    document: Mapping[str, Any]

    @property
    def hit(self) -> str | None:
        return self.document.get("hit")

    @property
    def known(self) -> str:
        return str(self.document.get("known", "TRUE"))

    def state(self) -> str:
        """SQL: true where it is met, false where that is known not to be so, else NULL."""
        return f"CASE WHEN ({self.hit}) THEN TRUE WHEN ({self.known}) THEN FALSE END"


def load_factors(akishima: Path) -> Mapping[str, tuple[str, tuple[Factor, ...]]]:
    """Purpose → its template and its factors, in the file's order."""
    files = (located_yaml.load(path, file=path.name).data for path in sorted((akishima / "rules").glob("*.yaml")))
    return {
        entry["purpose"]: (
            entry["template"],
            tuple(
                Factor(purpose=entry["purpose"], id=name, document=found) for name, found in entry["factors"].items()
            ),
        )
        for entry in files
    }


class Outputs:
    """The output columns of a template as a table of their own, over which conditions are read and typed."""

    def __init__(
        self, plan: FederatedPlan, select: r.Select, *, allowed: Mapping[str, Any], catalogue: Catalogue
    ) -> None:
        lineage = Lineage(select, catalogue)
        datasets = {scan.id: scan.dataset for scan in r.scans_in(select)}
        self.types = {column.name: str(column.type) for column in plan.columns}
        self.may_be_unknown: set[str] = set()
        self._forms: dict[str, Form] = {}
        for projection in select.projections:
            origin = lineage.plain(projection.expression) if isinstance(projection.expression, r.ColumnRef) else None
            form = Form(kind="raw")
            if origin is not None:
                granted = parse_form(allowed[datasets[origin.source]]["columns"][origin.name])
                form = granted if granted.kind == "band" else form
            self._forms[projection.name] = form
            for read in lineage.origins(projection.expression):
                dataset = catalogue.dataset(datasets[read.source])
                if dataset.columns[read.name].nulls == "unknown" or dataset.absent_row == "unknown":
                    self.may_be_unknown.add(projection.name)
        self._catalogue = _as_table(self.types, self._forms)

    def type_of(self, condition: str) -> tuple[str, frozenset[str]]:
        """The type of a condition, and the columns that it reads.

        Raises:
            BadInput: it names something that the template does not put out, compares what does not fit, or is outside
                the query language.
        """
        sql = f"SELECT f.resident_id, ({condition}) AS hit FROM f.features f"
        parsed = parse(sql, catalogue=self._catalogue, declared={}, parameters={}, digest_key=b"k" * 32)
        dataset = self._catalogue.dataset("f.features")
        (scan,) = r.scans_in(parsed.select)
        granted = {
            r.ColumnRef(source=scan.id, name=name): GrantedColumn(
                dataset=dataset.name, column=column, form=self._forms[name], type=self.types[name]
            )  # type: ignore[arg-type]
            for name, column in dataset.columns.items()
        }
        types = dict(TypeCheck(parsed.select, granted, {}).check())
        return types["hit"], frozenset(c.name for c in r.columns_in(parsed.select.projection("hit").expression))


def _as_table(types: Mapping[str, str], forms: Mapping[str, Form]) -> Catalogue:
    columns = {
        name: Column(
            name=name,
            label=_LABEL,
            type="integer" if forms[name].kind == "band" else _COLUMN_TYPES[kind],
            column_class="key" if kind == "UUID" else "attribute",
            key="resident" if kind == "UUID" else None,
            nulls="none",
        )
        for name, kind in types.items()
    }
    dataset = Dataset(
        name="f.features", department="f", label=_LABEL, columns=columns, absent_row="none", refresh="f",
        table="features", unique_by=("resident_id",), cohort=True, gates={},
    )  # fmt: skip
    kind = KeyKind(name="resident", label=_LABEL, pattern=".+", pad=None, method="hmac")
    return Catalogue(
        departments={}, datasets={dataset.name: dataset}, kinds={"resident": kind}, subject_kind="resident",
        household_kinds=("household",),
    )  # fmt: skip
