"""What a department is asked for: one scan order, frozen, with a digest that the ledger holds before it is sent."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import rfc8785

from governance.conditions import Condition, parse_condition
from governance.decisions import PseudonymSpace
from governance.forms import Form, FormType, parse_form


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanColumn:
    """A column that leaves, with its form and the type that it must have on the stream."""

    column: str
    form: Form
    type: FormType


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanOrder:
    """One scan, exactly as the department has to run it.

    The department works in this order: derive → ``exclude`` named sets → ``filter`` on raw values (obligation) → forms
    → ``predicates`` on forms (pushed down from the query) → project ``columns``.

    Attributes:
        columns: what leaves, in this order; never empty.
        filter_forms: forms of columns that ``predicates`` read and that do not leave.
        filter: the obligation, over raw values.
        predicates: the query's own conjuncts, over forms; field names are column names.
        as_of: the date that derived datasets and grades are computed for.
    """

    dataset: str
    columns: tuple[ScanColumn, ...]
    filter_forms: Mapping[str, Form]
    filter: Condition
    exclude: tuple[str, ...]
    predicates: Condition
    pseudonyms: PseudonymSpace
    as_of: date

    def to_json(self) -> dict[str, Any]:
        """The order as it crosses to the department; it carries literals and is never recorded itself."""
        return {
            "dataset": self.dataset,
            "columns": [{"column": c.column, "form": c.form.to_json(), "type": c.type} for c in self.columns],
            "filter_forms": {name: form.to_json() for name, form in sorted(self.filter_forms.items())},
            "filter": self.filter.to_json(),
            "exclude": list(self.exclude),
            "predicates": self.predicates.to_json(),
            "pseudonyms": {"domain": self.pseudonyms.domain, "epoch": self.pseudonyms.epoch},
            "as_of": self.as_of.isoformat(),
        }


def parse_scan_order(document: Mapping[str, Any]) -> ScanOrder:
    """Read an order that fits ``connectors/schemas/scan_order.schema.json``."""
    return ScanOrder(
        dataset=document["dataset"],
        columns=tuple(
            ScanColumn(column=c["column"], form=parse_form(c["form"]), type=c["type"]) for c in document["columns"]
        ),
        filter_forms={name: parse_form(form) for name, form in document["filter_forms"].items()},
        filter=parse_condition(document["filter"]),
        exclude=tuple(document["exclude"]),
        predicates=parse_condition(document["predicates"]),
        pseudonyms=PseudonymSpace(domain=document["pseudonyms"]["domain"], epoch=document["pseudonyms"]["epoch"]),
        as_of=date.fromisoformat(document["as_of"]),
    )


def order_digest(order: ScanOrder, *, nonce: str) -> str:
    """SHA-256 over the canonical order and the request's random nonce.

    The nonce (128 bits, hex, sent with the order and kept out of the ledger) makes the digest say nothing about the
    literals in the predicates to whoever reads the ledger (I7), while the department can recompute it (I2).
    """
    return hashlib.sha256(rfc8785.dumps({"nonce": nonce, "order": order.to_json()})).hexdigest()
