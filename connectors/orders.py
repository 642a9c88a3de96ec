"""Scan orders at the department's door: read strictly, and held against the department's own catalogue.

The policy has decided already, and the ledger holds it. The department looks again all the same, with its own copy of
the catalogue: what must never leave does not leave, whatever the broker or the policy believed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, NoReturn

from jsonschema_rs import Draft202012Validator

from governance.catalogue import Catalogue, Column, Dataset, NamedSet
from governance.conditions import fields_of
from governance.errors import BadInput
from governance.forms import Form, form_type
from governance.scans import ScanOrder, parse_scan_order
from masking.forms import check_form

MAX_ORDER_BYTES = 1_000_000

NEVER_OUT = frozenset({"my_number", "resident_code"})
"""Origins that no form, no filter and no grant takes out of a department (番号法19条, 住民基本台帳法30条の37)."""

_IDENTIFIERS = frozenset({"key", "identifier"})


def read_order(body: bytes) -> ScanOrder:
    """Read an order that came as JSON.

    Raises:
        BadInput: it is too long, no JSON, or does not fit ``schemas/scan_order.schema.json``; names the rule of the
            schema that it breaks and never what stood there.
    """
    if len(body) > MAX_ORDER_BYTES:
        raise BadInput("scan-order-malformed", at="")
    try:
        document = json.loads(body, parse_float=_refuse, parse_constant=_refuse, object_pairs_hook=_once)
        if not _validator().is_valid(document):
            rule = next(_validator().iter_errors(document)).schema_path
            raise BadInput("scan-order-malformed", at="/".join(map(str, rule)))
        return parse_scan_order(document)
    except (ValueError, RecursionError):
        raise BadInput("scan-order-malformed", at="") from None


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedOrder:
    """An order that fits the department's catalogue.

    Attributes:
        dataset: what is scanned.
        forms: the form of every column that predicates may read or that leaves.
        raw_columns: columns that have to be read.
        sets: named sets to leave out, each with the columns of the dataset that hold its kind of key.
    """

    order: ScanOrder
    dataset: Dataset
    forms: Mapping[str, Form]
    raw_columns: tuple[str, ...]
    sets: tuple[tuple[NamedSet, str, tuple[str, ...]], ...]


def check_order(order: ScanOrder, *, department: str, catalogue: Catalogue) -> CheckedOrder:
    """Hold an order against the catalogue.

    Raises:
        BadInput: the dataset is not the department's, a column is unknown or must not leave in that form, a declared
            type is not the form's, a predicate or a filter reads what it may not, or a set cannot be applied.
    """
    dataset = catalogue.datasets.get(order.dataset)
    if dataset is None or dataset.department != department:
        raise BadInput("scan-order-foreign", dataset=order.dataset, department=department)
    if not order.columns:
        raise BadInput("scan-order-empty", dataset=dataset.name)
    forms: dict[str, Form] = {}
    for scanned in order.columns:
        column = _column(dataset, scanned.column, catalogue=catalogue)
        if scanned.column in forms:
            raise BadInput("scan-order-twice", dataset=dataset.name, column=column.name)
        _check_leaving(scanned.form, column, dataset=dataset)
        _check_form(scanned.form, column, dataset=dataset)
        if scanned.type != form_type(scanned.form, column.type):
            raise BadInput("scan-order-type", dataset=dataset.name, column=column.name, type=scanned.type)
        forms[scanned.column] = scanned.form
    for name, form in order.filter_forms.items():
        column = _column(dataset, name, catalogue=catalogue)
        if name in forms:
            raise BadInput("scan-order-twice", dataset=dataset.name, column=name)
        _check_form(form, column, dataset=dataset)
        forms[name] = form
    if unread := sorted(fields_of(order.predicates) - forms.keys()):
        raise BadInput("scan-order-field", dataset=dataset.name, column=unread[0])
    filtered = sorted(fields_of(order.filter))
    for name in filtered:
        _column(dataset, name, catalogue=catalogue)
    sets = tuple(_set(name, dataset=dataset, department=department, catalogue=catalogue) for name in order.exclude)
    keys = [column for _, _, columns in sets for column in columns]
    return CheckedOrder(
        order=order,
        dataset=dataset,
        forms=forms,
        raw_columns=tuple(dict.fromkeys([*forms, *filtered, *keys])),
        sets=sets,
    )


def _column(dataset: Dataset, name: str, *, catalogue: Catalogue) -> Column:
    column = dataset.column(name)
    parts = [dataset.columns[part] for part in column.compose if part in dataset.columns]
    if any(c.origin in NEVER_OUT for c in (column, *parts)):
        raise BadInput("scan-order-withheld", dataset=dataset.name, column=name)
    if column.key is not None and column.key not in catalogue.kinds:
        raise BadInput("scan-order-kind", dataset=dataset.name, kind=column.key)
    return column


def _check_leaving(form: Form, column: Column, *, dataset: Dataset) -> None:
    if not form.leaves:
        raise BadInput("scan-order-stays", dataset=dataset.name, column=column.name)
    # Raw is possible where a decision granted it: the digest of this order is in the entry of that decision.
    if column.column_class in _IDENTIFIERS and form.kind not in ("pseudonym", "raw"):
        raise BadInput("scan-order-identifier", dataset=dataset.name, column=column.name, form=form.kind)


def _check_form(form: Form, column: Column, *, dataset: Dataset) -> None:
    if form.kind == "pseudonym":
        if column.key is None or column.type != "text":
            raise BadInput("scan-order-keyless", dataset=dataset.name, column=column.name)
        return
    check_form(form, column.type, dataset=dataset.name, column=column.name)


def _set(
    name: str, *, dataset: Dataset, department: str, catalogue: Catalogue
) -> tuple[NamedSet, str, tuple[str, ...]]:
    """A named set, its kind of key, and every column of the dataset that holds such a key."""
    held = next((s for s in catalogue.departments[department].sets if s.name == name), None)
    if held is None:
        raise BadInput("scan-order-set", dataset=dataset.name, set=name)
    kind = kind_of_set(held, catalogue=catalogue)
    columns = tuple(column.name for column in dataset.columns.values() if column.key == kind)
    # A set that cannot be applied is refused: to ignore it would show whom it protects.
    if kind is None or not columns:
        raise BadInput("scan-order-set", dataset=dataset.name, set=name)
    return held, kind, columns


def kind_of_set(held: NamedSet, *, catalogue: Catalogue) -> str | None:
    """The kind of key that a set's members are: named itself, or by a key column of the department's datasets."""
    if held.key in catalogue.kinds:
        return held.key
    own = (dataset for dataset in catalogue.datasets.values() if dataset.department == held.department)
    kinds = {dataset.columns[held.key].key for dataset in own if held.key in dataset.columns}
    return kinds.pop() if len(kinds) == 1 else None


@cache
def _validator() -> Draft202012Validator:
    text = resources.files("connectors").joinpath("schemas", "scan_order.schema.json").read_text(encoding="utf-8")
    return Draft202012Validator(json.loads(text))


def _refuse(_text: str) -> NoReturn:
    raise ValueError


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    document = dict(pairs)
    if len(document) != len(pairs):
        raise ValueError
    return document
