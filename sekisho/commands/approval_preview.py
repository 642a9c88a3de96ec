"""``sekisho approval preview``: what would leave one's own department, looked at before consenting (第19条の合議)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import click

from governance.errors import BadInput, Lang
from governance.guideline import Guideline
from sekisho.approval_preview import ApprovalPreview, DatasetPreview
from sekisho.exports import Caption, for_people, reserve_export
from sekisho.form_words import form_words
from sekisho.options import shared_options
from sekisho.query_documents import condition_text
from sekisho.session import Session
from sekisho.terminal import NOTICE
from sekisho.typed_values import read_parameters
from sekisho.workbooks import workbook_bytes

Cell = str | int | date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One table of the preview, for the terminal and for a workbook."""

    title: str
    headings: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


@click.command("preview")
@click.argument("number", metavar="ID")
@click.option("--param", "parameters", multiple=True, metavar="K=V", help="A parameter of the template.")
@click.option("--out", type=click.Path(path_type=Path), metavar="FILE", help="Write the workbook here (xlsx).")
@shared_options
@click.pass_context
def preview(context: click.Context, *, number: str, parameters: tuple[str, ...], out: Path | None) -> None:
    """See, as a steward, what would leave one's own department: items, forms, filters, counts, ten example rows."""
    session = Session(context)
    kind = session.options.format
    if kind not in ("table", "json", "xlsx"):
        raise BadInput("check-report-format", format=kind)
    if kind == "xlsx" and out is None:
        raise BadInput("output-file-needed", format=kind)
    if kind != "xlsx" and out is not None:
        raise BadInput("output-format-needed", format=kind)
    template = session.broker.template_of(number)
    values = read_parameters(parameters, declared=template.parameters) if template is not None else {}
    with reserve_export(out) if out is not None else nullcontext() as file:
        found = session.broker.looks.preview(session.asker(), approval=number, parameters=values)
        if file is not None:
            file.write(_workbook(session, found))
    if kind == "json":
        session.terminal.document({"preview": _document(found)})
    elif out is not None:
        session.terminal.say(
            ja="出るものの一覧を書き出しました。取扱いに注意してください。", en="What would leave was written."
        )
    else:
        for table in _tables(found, session.deployment.guideline, lang=session.lang):
            rows = ([for_people(cell, lang=session.lang) for cell in row] for row in table.rows)
            session.terminal.table(table.headings, rows, title=table.title)


def _workbook(session: Session, found: ApprovalPreview) -> bytes:
    caption = Caption(
        notice=NOTICE["ja"] if session.deployment.settings.demo else None,
        principal=session.options.principal or "",
        at=session.deployment.clock(),
        articles=session.broker.articles_of("approval.preview"),
    )
    tables = _tables(found, session.deployment.guideline, lang=session.lang)
    # A sheet's name is short, and each has its own.
    sheets = [(f"{n}", t.headings, t.rows) for n, t in enumerate(tables, start=1)]
    contents = [(n, t.title) for n, t in enumerate(tables, start=1)]
    headings = ("シート", "内容") if session.lang == "ja" else ("sheet", "what it shows")
    first = "目次" if session.lang == "ja" else "contents"
    return workbook_bytes([(first, headings, contents), *sheets], caption=caption, lang=session.lang)


def _tables(found: ApprovalPreview, guideline: Guideline, *, lang: Lang) -> Sequence[Table]:
    ja = lang == "ja"
    counts = Table(
        title=f"{found.approval.id}　この課から出るもの"
        if ja
        else f"{found.approval.id}: what would leave this section",
        headings=(
            "表",
            "読む所",
            "出る行",
            "人数",
            f"{found.smallest}人未満の組",
            "その行",
            "除く人",
            "行の条件",
            "照会の条件",
        )
        if ja
        else (
            "table",
            "scan",
            "rows",
            "persons",
            f"groups under {found.smallest}",
            "their rows",
            "left out",
            "filter",
            "asked",
        ),
        rows=tuple(_counts(each, guideline, lang=lang) for each in found.datasets),
    )
    return [counts, *(table for each in found.datasets for table in _of_dataset(each, lang=lang))]


def _counts(each: DatasetPreview, guideline: Guideline, *, lang: Lang) -> tuple[Cell, ...]:
    found = each.found
    return (
        getattr(each.dataset.label, lang),
        each.scan,
        found.rows,
        found.persons if found.persons is not None else "－",
        found.small_groups,
        found.small_rows,
        "、".join(_set(name, mark, guideline, lang=lang) for name, mark in each.exclude.items()) or "－",
        condition_text(each.filter),
        condition_text(each.predicates),
    )


def _set(name: str, mark: str | None, guideline: Guideline, *, lang: Lang) -> str:
    article = guideline.binding(guideline.tables["named_sets"][name]["control"])[0]
    if lang == "en":
        return f"{name} (article {article.number})" + (f", but for those cleared ({mark})" if mark else "")
    return f"{name}（第{article.number}条）" + (f"。許可（{mark}）のある職員の照会では除かない" if mark else "")


def _of_dataset(each: DatasetPreview, *, lang: Lang) -> Iterator[Table]:
    ja, label = lang == "ja", getattr(each.dataset.label, lang)
    yield Table(
        title=f"{label}（{each.scan}）　項目と形" if ja else f"{label} ({each.scan}): items and forms",
        headings=("項目", "名前", "形") if ja else ("item", "column", "form"),
        rows=tuple(
            (getattr(each.dataset.column(name).label, lang), name, form_words(form) if ja else _form(form))
            for name, form in each.forms.items()
        ),
    )
    title = f"{label}（{each.scan}）　例" if ja else f"{label} ({each.scan}): examples"
    if each.found.withheld:
        why = (
            "支援措置と利用停止の名簿に照らせない表なので、例は示しません。"
            if ja
            else "None: this table cannot be held against the lists of protected persons."
        )
        yield Table(title=title, headings=("例" if ja else "examples",), rows=((why,),))
        return
    yield Table(
        title=title,
        headings=("行", "項目", "課の中での値", "出るときの値")
        if ja
        else ("row", "item", "as held", "as it would leave"),
        rows=tuple(
            (
                row,
                getattr(each.dataset.column(name).label, lang),
                _cell(example.before[name]),
                _cell(example.after[name]),
            )
            for row, example in enumerate(each.found.examples, start=1)
            for name in example.after
        ),
    )


def _form(form: Any) -> str:
    return str(form.kind) if form.leaves else f"{form.kind} (filters inside the section, and does not leave)"


def _cell(value: Any) -> Cell:
    """A value for a sheet. Numbers stay numbers, yes and no are words, and a pseudonym is its text."""
    return value if value is None or isinstance(value, (str, date)) or type(value) is int else str(value)


def _document(found: ApprovalPreview) -> dict[str, Any]:
    return {
        "approval": found.approval.id,
        "department": found.department,
        "smallest_group": found.smallest,
        "ledger": found.ledger_index,
        "datasets": [
            {
                "dataset": each.dataset.name,
                "scan": each.scan,
                "columns": [{"column": name, **form.to_json()} for name, form in each.forms.items()],
                "filter": dict(each.filter),
                "predicates": dict(each.predicates),
                "exclude": [{"set": name, "unless": mark} for name, mark in each.exclude.items()],
                "rows": each.found.rows,
                "persons": each.found.persons,
                "groups": each.found.groups,
                "small_groups": each.found.small_groups,
                "small_rows": each.found.small_rows,
                "examples_withheld": each.found.withheld,
                "examples": [
                    {"before": _plain(example.before), "after": _plain(example.after)}
                    for example in each.found.examples
                ],
            }
            for each in found.datasets
        ],
    }


def _plain(row: Any) -> dict[str, Any]:
    return {
        name: value if value is None or isinstance(value, (str, int)) else str(value) for name, value in row.items()
    }
