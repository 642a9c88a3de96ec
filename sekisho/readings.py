"""How people read the answer of an approved template: columns by their labels, levels by their codes."""

from __future__ import annotations

from collections.abc import Iterator

from governance.approvals import Template
from governance.errors import BadInput, Lang
from governance.facts import QueryFacts
from governance.forms import parse_form
from governance.guideline import Guideline
from sekisho.exports import Reading


def reading_of(template: Template | None, *, guideline: Guideline, lang: Lang) -> Reading:
    """Labels and words of a template's columns; of a query without a template, the names that it gave them itself."""
    if template is None:
        return Reading()
    return Reading(
        headings={
            name: column.label_ja if lang == "ja" else column.label_en for name, column in template.columns.items()
        },
        words={
            name: codes
            for name, column in template.columns.items()
            if column.values_of is not None and (codes := _codes(column.values_of, template.purpose, guideline))
        },
    )


def reading_faults(template: Template, *, facts: QueryFacts, guideline: Guideline) -> Iterator[BadInput]:
    """Labels of columns that the answer does not have, and words that are not those of its values."""
    outputs = {column.name: column for column in facts.output.columns}
    datasets = {scan.id: scan.dataset for scan in facts.scans}
    for name, column in template.columns.items():
        if name not in outputs:
            yield BadInput("template-column-unknown", template=template.id, column=name)
        elif column.values_of is not None:
            origins = {
                f"{datasets[scan]}.{origin}" for scan, _, origin in (o.partition(".") for o in outputs[name].origins)
            }
            if origins != {column.values_of} or not _codes(column.values_of, template.purpose, guideline):
                yield BadInput("template-column-values", template=template.id, column=name, item=column.values_of)


def _codes(full_name: str, purpose: str, guideline: Guideline) -> tuple[str, ...]:
    """The codes of a column that is granted as ``ordinal``, lowest first; empty for any other."""
    dataset, _, column = full_name.rpartition(".")
    entry = guideline.tables["allow_list"].get(purpose, {}).get(dataset, {})
    document = entry.get("columns", {}).get(column)
    form = parse_form(document) if document is not None else None
    return form.order if form is not None and form.kind == "ordinal" else ()
