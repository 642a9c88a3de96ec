"""Drafts of the sheets of the register of personal information files (個人情報ファイル簿 単票), one for each linkage.

A linkage is a pseudonymisation domain whose purposes yield rows about single persons: its recipient has one file.
What a sheet says comes from the guideline and the catalogue, so that it cannot fall behind them; what neither holds (an
address, a law with a procedure of its own) is marked as to be written by a person. The draft is for whoever keeps the
register: publishing it is theirs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from governance.catalogue import Catalogue
from governance.forms import parse_form
from governance.guideline import Guideline
from sekisho.form_words import form_words

TO_WRITE = "（要記入）"
HEADINGS = ("保有課", "表", "項目", "形", "要配慮・機微")
_SENSITIVE: Mapping[str, str] = {"youhairyo": "要配慮", "kibi": "機微"}


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedItem:
    """An item of the file: whose, of which table, what, in which form, and how sensitive (empty where it is not)."""

    department: str
    dataset: str
    column: str
    form: str
    sensitivity: str

    def cells(self) -> tuple[str, ...]:
        """The item under `HEADINGS`."""
        return (self.department, self.dataset, self.column, self.form, self.sensitivity)


@dataclass(frozen=True, slots=True, kw_only=True)
class FileSheet:
    """The draft of one sheet.

    Attributes:
        domain: the linkage.
        fields: what stands on the sheet, by its printed name, in the order of the form.
        items: 記録項目.
    """

    domain: str
    fields: Mapping[str, str]
    items: tuple[RecordedItem, ...]

    @property
    def open_fields(self) -> tuple[str, ...]:
        """The fields in which a person has to write something."""
        return tuple(name for name, text in self.fields.items() if TO_WRITE in text)

    def to_json(self) -> dict[str, Any]:
        """The sheet as programs read it."""
        return {
            "domain": self.domain,
            "fields": dict(self.fields),
            "items": [dict(zip(HEADINGS, item.cells(), strict=True)) for item in self.items],
            "to_be_written": list(self.open_fields),
        }


def file_sheets(catalogue: Catalogue, guideline: Guideline) -> tuple[FileSheet, ...]:
    """A draft for each linkage of active purposes, in the order of the guideline."""
    purposes = guideline.tables["purposes"]
    sheets = []
    for domain, entry in guideline.tables["domains"].items():
        linked = [
            name
            for name in entry["purposes"]
            if purposes[name]["status"] == "active" and "row_level" in purposes[name]["outputs"]
        ]
        if linked:
            sheets.append(_sheet(domain, linked, catalogue, guideline))
    return tuple(sheets)


def markdown(sheets: tuple[FileSheet, ...], *, notice: str | None) -> str:
    """The sheets as one Markdown page."""
    lines = ["# 個人情報ファイル簿 単票（案）", ""]
    if notice:
        lines += [notice, ""]
    for sheet in sheets:
        lines += [f"## {sheet.fields['個人情報ファイルの名称']}", "", "| 欄 | 内容 |", "|---|---|"]
        lines += [f"| {name} | {_cell(text)} |" for name, text in sheet.fields.items()]
        lines += ["", "### 記録項目", "", f"| {' | '.join(HEADINGS)} |", "|" + "---|" * len(HEADINGS)]
        lines += [f"| {' | '.join(_cell(cell) for cell in item.cells())} |" for item in sheet.items]
        lines.append("")
    return "\n".join(lines)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", "<br>")


def _sheet(domain: str, purposes: list[str], catalogue: Catalogue, guideline: Guideline) -> FileSheet:
    tables = guideline.tables
    register = [tables["purposes"][name] for name in purposes]
    recipient = tables["recipients"][tables["domains"][domain]["recipient"]]
    items = tuple(_items(purposes, catalogue, guideline))
    departments = dict.fromkeys(item.department for item in items)
    written = tables["parameters"].get("file_register", {})
    youhairyo = dict.fromkeys(
        f"{item.dataset}「{item.column}」" for item in items if item.sensitivity == _SENSITIVE["youhairyo"]
    )
    fields = {
        "個人情報ファイルの名称": f"{written.get('name', {}).get(domain, TO_WRITE)}",
        "実施機関の名称": written.get("body", TO_WRITE),
        "事務をつかさどる組織の名称": recipient["label"]["ja"] if recipient["kind"] == "internal" else TO_WRITE,
        "利用目的": "\n".join(purpose["label"]["ja"] for purpose in register),
        "利用目的の根拠となる事務": "\n".join(dict.fromkeys(duty for purpose in register for duty in purpose["duty"])),
        "記録項目": f"別紙のとおり（{len(items)}項目）",
        "記録範囲": "\n".join(dict.fromkeys(_scope(purposes, catalogue, guideline))),
        "記録情報の収集方法": f"次の課が事務のために持つ記録から、照会のつど取り出す: {'、'.join(departments)}",
        "要配慮個人情報": f"含む: {'、'.join(youhairyo)}" if youhairyo else "含まない",
        "記録情報の経常的提供先": _recipients(purposes, guideline),
        "開示請求等を受理する組織の名称及び所在地": written.get("requests_to", TO_WRITE),
        "訂正及び利用停止に関する他の法令の手続": written.get("other_law", TO_WRITE),
        "個人情報ファイルの種別": "電子計算機により検索できるように体系的に構成したもの",
        "備考": "この案は、ガイドラインの別表2とデータ項目台帳から作りました。"
        f"ガイドラインの版は {guideline.version} です。上の欄にない事項は、市の様式により補ってください。",
    }
    return FileSheet(domain=domain, fields=fields, items=items)


def _items(purposes: list[str], catalogue: Catalogue, guideline: Guideline) -> Iterator[RecordedItem]:
    """Every item that leaves its holder for one of the purposes; each once, in the tables' order.

    Where purposes get an item in different forms, each form is told.
    """
    for dataset in catalogue.datasets.values():
        for column in dataset.columns.values():
            forms = {
                form_words(form): form
                for purpose in purposes
                for document in [_granted(guideline, purpose, dataset.name).get(column.name)]
                if document is not None
                for form in [parse_form(document)]
                if form.leaves
            }
            if forms:
                yield RecordedItem(
                    department=catalogue.departments[dataset.department].label.ja,
                    dataset=dataset.label.ja,
                    column=column.label.ja,
                    form="・".join(forms),
                    sensitivity=_SENSITIVE.get(column.sensitivity, ""),
                )


def _granted(guideline: Guideline, purpose: str, dataset: str) -> Mapping[str, Any]:
    columns: Mapping[str, Any] = guideline.tables["allow_list"].get(purpose, {}).get(dataset, {}).get("columns", {})
    return columns


def _scope(purposes: list[str], catalogue: Catalogue, guideline: Guideline) -> Iterator[str]:
    """Who is in the file: the tables of persons, within the gates and without the sets that the guideline lays down."""
    for dataset in catalogue.datasets.values():
        if dataset.cohort and any(_granted(guideline, purpose, dataset.name) for purpose in purposes):
            yield f"「{dataset.label.ja}」に記録のある人のうち、次に当たる人"
    controls = [control for control, gate in guideline.tables["gates"].items() if "cohort" in gate["roles"]]
    controls += [entry["control"] for entry in guideline.tables["named_sets"].values()]
    for control in controls:
        yield guideline.binding(control)[1].text.ja


def _recipients(purposes: list[str], guideline: Guideline) -> str:
    """Who else gets of it: recipients outside of the organisation, of any of the purposes."""
    recipients = guideline.tables["recipients"]
    named = dict.fromkeys(r for purpose in purposes for r in guideline.tables["purposes"][purpose]["recipients"])
    outside = [recipients[name]["label"]["ja"] for name in named if recipients[name]["kind"] != "internal"]
    return "、".join(outside) or "なし"
