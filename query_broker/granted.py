"""The table columns of a query as they were granted: form, type, and what NULL means."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from governance.catalogue import Catalogue, Column
from governance.decisions import Obligations
from governance.errors import BadInput
from governance.facts import QueryFacts
from governance.forms import Form, form_type
from query_broker.relational import ColumnRef, ValueType


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantedColumn:
    """A column, its form, and the type that the query sees."""

    dataset: str
    column: Column
    form: Form
    type: ValueType

    @property
    def may_be_unknown(self) -> bool:
        """Whether NULL in it means that nothing is known."""
        return self.column.nulls == "unknown" and self.form.null_as is None


def granted_columns(
    facts: QueryFacts, obligations: Obligations, catalogue: Catalogue
) -> Mapping[ColumnRef, GrantedColumn]:
    """Every column that the scans of a query read, in its granted form.

    Raises:
        BadInput: the decision grants no form for a column that the query reads.
    """
    granted: dict[ColumnRef, GrantedColumn] = {}
    for scan in facts.scans:
        dataset = catalogue.dataset(scan.dataset)
        forms = obligations.scans[scan.id].forms
        for fact in scan.columns:
            column = dataset.column(fact.column)
            if column.name not in forms:
                raise BadInput("form-not-granted", dataset=dataset.name, column=column.name)
            form = forms[column.name]
            granted[ColumnRef(source=scan.id, name=column.name)] = GrantedColumn(
                dataset=dataset.name, column=column, form=form, type=form_type(form, column.type)
            )
    return granted
